//! Watchdogs sleep while nothing is polled. The first poll wakes them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};

use parking_lot::{Mutex, MutexGuard};

/// Whether a watchdog sleeps. Every poll reads this and nothing else of this module.
static ASLEEP: AtomicBool = AtomicBool::new(false);

static SLEEPERS: Mutex<Vec<Thread>> = Mutex::new(Vec::new());

/// The next poll unparks this thread, once.
///
/// Why: a poll that begins at the same moment on another core may not see this. A fence would
/// prevent that, but would cost every poll more than everything else that `enter` does. So a
/// sleeper parks for a bounded time.
pub(crate) fn register() {
    let me = thread::current();
    let mut sleepers = sleepers();
    if sleepers.iter().all(|sleeper| sleeper.id() != me.id()) {
        sleepers.push(me);
    }
    ASLEEP.store(true, Ordering::Relaxed);
}

/// This thread does not need to be unparked any more.
pub(crate) fn unregister() {
    let me = thread::current().id();
    sleepers().retain(|sleeper| sleeper.id() != me);
}

/// Unparks all watchdogs that sleep.
#[inline]
pub(crate) fn wake_all() {
    if ASLEEP.load(Ordering::Relaxed) {
        unpark_all();
    }
}

#[cold]
fn unpark_all() {
    let mut sleepers = sleepers();
    ASLEEP.store(false, Ordering::Relaxed);
    for sleeper in sleepers.drain(..) {
        sleeper.unpark();
    }
}

fn sleepers() -> MutexGuard<'static, Vec<Thread>> {
    SLEEPERS.lock()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::{register, unregister, wake_all};

    #[test]
    fn a_poll_wakes_all_watchdogs() {
        let (ready, is_ready) = mpsc::channel();
        let sleepers: Vec<_> = (0..3)
            .map(|_| {
                let ready = ready.clone();
                thread::spawn(move || {
                    register();
                    ready.send(()).unwrap();
                    thread::park();
                    unregister();
                })
            })
            .collect();
        for _ in &sleepers {
            is_ready.recv().unwrap();
        }
        wake_all();
        for sleeper in sleepers {
            sleeper.join().unwrap();
        }
    }
}
