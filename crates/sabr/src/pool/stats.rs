use std::time::Duration;

use super::queue::Counts;

/// The present state of a pool, and its counts since it was created.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// Threads that exist now, busy or idle.
    pub threads: usize,
    /// Threads inside a job.
    pub busy: usize,
    /// Jobs that wait for a thread.
    pub queued: usize,
    /// Jobs that have run to their end, panics included.
    pub finished: u64,
    /// Jobs skipped because their caller was dropped before they started, for instance because the
    /// client disconnected.
    pub skipped: u64,
    /// Jobs refused because the queue was full.
    pub rejected: u64,
    /// The time that all started jobs together have waited for a thread.
    pub queue_time: Duration,
    /// The longest time that one job has waited for a thread.
    pub queue_time_max: Duration,
}

impl From<Counts> for PoolStats {
    fn from(counts: Counts) -> Self {
        Self {
            threads: counts.threads,
            busy: counts.threads - counts.free,
            queued: counts.queued,
            finished: counts.finished,
            skipped: counts.skipped,
            rejected: counts.rejected,
            queue_time: counts.queue_time,
            queue_time_max: counts.queue_time_max,
        }
    }
}
