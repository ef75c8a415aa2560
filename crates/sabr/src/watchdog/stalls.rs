//! The stalls that were seen.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::slot;
use crate::ledger::snapshot::{Frame, StallSnapshot};

/// The last of them. Shared by the watchdog and those who ask.
#[derive(Debug, Default)]
pub(super) struct Stalls {
    list: Mutex<VecDeque<Stall>>,
    /// Numbers them.
    pushed: AtomicU64,
}

#[derive(Debug)]
struct Stall {
    id: u64,
    began_ns: u64,
    snapshot: StallSnapshot,
}

impl Stalls {
    const MAX: usize = 32;

    /// Gives the number that it is known by.
    pub(super) fn push(&self, began_ns: u64, snapshot: StallSnapshot) -> u64 {
        let id = self.pushed.fetch_add(1, Ordering::Relaxed);
        let mut list = self.lock();
        list.truncate(Self::MAX - 1);
        list.push_front(Stall {
            id,
            began_ns,
            snapshot,
        });
        id
    }

    /// How many there were, with those that are forgotten.
    #[cfg(feature = "opentelemetry")]
    pub(super) fn count(&self) -> u64 {
        self.pushed.load(Ordering::Relaxed)
    }

    /// The stack of a stall is known a little later than the stall.
    pub(super) fn set_stack(&self, id: u64, stack: &[Frame]) {
        self.change(id, |stall| stall.stack = stack.to_vec());
    }

    pub(super) fn end(&self, id: u64, elapsed: Duration) {
        self.change(id, |stall| {
            stall.in_progress = false;
            stall.duration = elapsed.as_secs_f64();
        });
    }

    /// The newest first; those in progress with how long they last now.
    pub(super) fn snapshot(&self) -> Vec<StallSnapshot> {
        let now_ns = slot::now_ns();
        let list = self.lock();
        let now = |stall: &Stall| {
            let mut snapshot = stall.snapshot.clone();
            if snapshot.in_progress {
                let elapsed = Duration::from_nanos(now_ns.saturating_sub(stall.began_ns));
                snapshot.duration = elapsed.as_secs_f64();
            }
            snapshot
        };
        list.iter().map(now).collect()
    }

    fn change(&self, id: u64, change: impl FnOnce(&mut StallSnapshot)) {
        let mut list = self.lock();
        if let Some(stall) = list.iter_mut().find(|stall| stall.id == id) {
            change(&mut stall.snapshot);
        }
    }

    /// Nothing of ours panics under the lock, so a poisoned list is still whole.
    fn lock(&self) -> MutexGuard<'_, VecDeque<Stall>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Frame, StallSnapshot, Stalls};

    fn stall(route: usize) -> StallSnapshot {
        StallSnapshot {
            method: "GET",
            route: format!("/{route}"),
            began_at_ms: 0,
            duration: 0.1,
            in_progress: true,
            thread: "worker".to_owned(),
            state: "blocked",
            stack: Vec::new(),
        }
    }

    #[test]
    fn the_newest_are_kept_and_come_first() {
        let stalls = Stalls::default();
        let ids: Vec<_> = (0..40).map(|route| stalls.push(1, stall(route))).collect();
        // The first is forgotten: what is said about it later says nothing.
        stalls.end(ids[0], Duration::ZERO);
        let list = stalls.snapshot();
        assert_eq!(list.len(), Stalls::MAX);
        assert_eq!((&*list[0].route, &*list[31].route), ("/39", "/8"));
        assert!(list.iter().all(|stall| stall.in_progress));
    }

    #[test]
    fn a_stall_lasts_until_it_ends() {
        let stalls = Stalls::default();
        let id = stalls.push(1, stall(0));
        let before = stalls.snapshot()[0].duration;
        assert!(stalls.snapshot()[0].duration > before);
        let frame = Frame {
            function: "app::handler".to_owned(),
            file: None,
            line: None,
            own: true,
        };
        stalls.set_stack(id, &[frame]);
        stalls.end(id, Duration::from_millis(250));
        let list = stalls.snapshot();
        assert!(!list[0].in_progress);
        assert_eq!(list[0].duration.to_bits(), 0.25_f64.to_bits());
        assert_eq!(list[0].stack.len(), 1);
    }
}
