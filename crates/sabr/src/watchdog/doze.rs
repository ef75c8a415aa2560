//! Watchdogs sleep while nothing is polled, and the first poll wakes them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

/// Whether there is anybody to wake. All that a poll looks at.
static ASLEEP: AtomicBool = AtomicBool::new(false);

static SLEEPERS: Mutex<Vec<Thread>> = Mutex::new(Vec::new());

/// From now on the next poll unparks this thread, once.
///
/// A poll that begins at this very moment on another core may miss it: nothing orders its writes against this
/// one, since that would cost every poll more than all the rest. So a sleeper parks for a bounded time.
pub(super) fn lie_down() {
    let me = thread::current();
    let mut sleepers = sleepers();
    if sleepers.iter().all(|sleeper| sleeper.id() != me.id()) {
        sleepers.push(me);
    }
    ASLEEP.store(true, Ordering::Relaxed);
}

/// This thread needs no waking any more.
pub(super) fn get_up() {
    let me = thread::current().id();
    sleepers().retain(|sleeper| sleeper.id() != me);
}

/// Wakes all who sleep.
#[inline]
pub(super) fn wake() {
    if ASLEEP.load(Ordering::Relaxed) {
        wake_all();
    }
}

#[cold]
fn wake_all() {
    let mut sleepers = sleepers();
    ASLEEP.store(false, Ordering::Relaxed);
    for sleeper in sleepers.drain(..) {
        sleeper.unpark();
    }
}

fn sleepers() -> MutexGuard<'static, Vec<Thread>> {
    SLEEPERS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::{get_up, lie_down, wake};

    #[test]
    fn a_poll_wakes_all_who_sleep() {
        let (lying, lay_down) = mpsc::channel();
        let sleepers: Vec<_> = (0..3)
            .map(|_| {
                let lying = lying.clone();
                thread::spawn(move || {
                    lie_down();
                    lying.send(()).unwrap();
                    thread::park();
                    get_up();
                })
            })
            .collect();
        for _ in &sleepers {
            lay_down.recv().unwrap();
        }
        wake();
        for sleeper in sleepers {
            sleeper.join().unwrap();
        }
    }
}
