use std::sync::atomic::{AtomicU64, Ordering};

use crate::spent::Spent;

/// The slowest polls of the requests in flight, for assertions in tests: the natural way to write
/// one holds the response, so that its request has not ended.
///
/// Relaxed: the numbers guard no other memory.
#[derive(Debug, Default)]
pub(super) struct PollsInFlight {
    blocked: AtomicU64,
    computing: AtomicU64,
    unknown: AtomicU64,
}

impl PollsInFlight {
    pub(super) fn add(&self, spent: Spent) {
        self.blocked.fetch_max(spent.blocked, Ordering::Relaxed);
        self.computing.fetch_max(spent.computing, Ordering::Relaxed);
        self.unknown.fetch_max(spent.unknown, Ordering::Relaxed);
    }

    /// The longest of each.
    pub(super) fn slowest(&self) -> Spent {
        Spent {
            blocked: self.blocked.load(Ordering::Relaxed),
            computing: self.computing.load(Ordering::Relaxed),
            unknown: self.unknown.load(Ordering::Relaxed),
            ..Spent::default()
        }
    }

    /// No request is in flight any more.
    pub(super) fn clear(&self) {
        for longest in [&self.blocked, &self.computing, &self.unknown] {
            longest.store(0, Ordering::Relaxed);
        }
    }
}
