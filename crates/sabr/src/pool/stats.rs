use std::time::Duration;

use super::queue::Counts;

/// What a pool is doing now, and what it has done since it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// Threads that run now, busy or idle.
    pub threads: usize,
    /// Threads inside a job.
    pub busy: usize,
    /// Jobs that wait for a thread.
    pub queued: usize,
    /// Jobs that have run to their end, panics included.
    pub finished: u64,
    /// Jobs skipped because their caller left before they started.
    pub skipped: u64,
    /// Jobs refused because the queue was full.
    pub rejected: u64,
    /// Time all started jobs together have waited for a thread.
    pub queue_time: Duration,
    /// The longest time one job has waited for a thread.
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
