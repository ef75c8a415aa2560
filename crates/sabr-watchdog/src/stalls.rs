//! The last stalls of one watchdog.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use crate::clock::now_ns;
use crate::stall::{Frame, Stall};

/// A list with a bound. Shared by the watcher, the reporter and the owner of the watchdog.
#[derive(Debug, Default)]
pub(crate) struct Stalls {
    list: Mutex<VecDeque<Listed>>,
    /// The number of stalls that were ever added.
    pushed: AtomicU64,
}

#[derive(Debug)]
struct Listed {
    number: u64,
    began_ns: u64,
    stall: Stall,
}

impl Stalls {
    const MAX: usize = 32;

    /// Adds a stall. Returns its number.
    pub(crate) fn push(&self, began_ns: u64, stall: Stall) -> u64 {
        let number = self.pushed.fetch_add(1, Ordering::Relaxed);
        let mut list = self.lock();
        list.truncate(Self::MAX - 1);
        list.push_front(Listed {
            number,
            began_ns,
            stall,
        });
        number
    }

    /// The number of stalls that were ever added.
    pub(crate) fn count(&self) -> u64 {
        self.pushed.load(Ordering::Relaxed)
    }

    /// Sets the stack of a stall, which is resolved after the stall is added.
    pub(crate) fn set_stack(&self, number: u64, stack: &[Frame]) {
        self.change(number, |stall| stall.stack = stack.to_vec());
    }

    pub(crate) fn end(&self, number: u64, elapsed: Duration) {
        self.change(number, |stall| {
            stall.in_progress = false;
            stall.duration = elapsed;
        });
    }

    /// All listed stalls, the newest first. The durations of those in progress are those of now.
    pub(crate) fn snapshot(&self) -> Vec<Stall> {
        let now_ns = now_ns();
        let list = self.lock();
        let now = |listed: &Listed| {
            let mut stall = listed.stall.clone();
            if stall.in_progress {
                stall.duration = Duration::from_nanos(now_ns.saturating_sub(listed.began_ns));
            }
            stall
        };
        list.iter().map(now).collect()
    }

    fn change(&self, number: u64, change: impl FnOnce(&mut Stall)) {
        let mut list = self.lock();
        if let Some(listed) = list.iter_mut().find(|listed| listed.number == number) {
            change(&mut listed.stall);
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Listed>> {
        self.list.lock()
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::{Duration, Frame, Stall, Stalls};
    use crate::stall::{Name, ThreadState};

    fn stall(route: usize) -> Stall {
        Stall {
            name: Name {
                kind: "GET",
                name: format!("/{route}"),
            },
            began_at: SystemTime::UNIX_EPOCH,
            duration: Duration::from_millis(100),
            in_progress: true,
            thread: "worker".to_owned(),
            state: ThreadState::Blocked,
            stack: Vec::new(),
        }
    }

    #[test]
    fn the_newest_are_kept_and_come_first() {
        let stalls = Stalls::default();
        let ids: Vec<_> = (0..40).map(|route| stalls.push(1, stall(route))).collect();
        // The first is not listed any more: its end changes nothing.
        stalls.end(ids[0], Duration::ZERO);
        let list = stalls.snapshot();
        assert_eq!(list.len(), Stalls::MAX);
        assert_eq!((&*list[0].name.name, &*list[31].name.name), ("/39", "/8"));
        assert!(list.iter().all(|stall| stall.in_progress));
    }

    #[test]
    fn a_stall_lasts_until_it_ends() {
        let stalls = Stalls::default();
        let id = stalls.push(1, stall(0));
        let before = stalls.snapshot()[0].duration;
        assert!(stalls.snapshot()[0].duration > before);
        stalls.set_stack(id, &[Frame::new("app::handler")]);
        stalls.end(id, Duration::from_millis(250));
        let list = stalls.snapshot();
        assert!(!list[0].in_progress);
        assert_eq!(list[0].duration, Duration::from_millis(250));
        assert_eq!(list[0].stack.len(), 1);
    }
}
