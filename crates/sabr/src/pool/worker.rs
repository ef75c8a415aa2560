use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;

use super::job::{Job, Ran};
use super::{PoolSize, PoolStats, Shared};

#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) jobs: VecDeque<Job>,
    pub(super) threads: usize,
    /// Threads outside a job: waiting for one, just started, or on their way to the next.
    pub(super) free: usize,
    pub(super) closed: bool,
    pub(super) stats: PoolStats,
}

impl Queue {
    /// A job that a free or a new thread will take at once does not count as queued.
    pub(super) fn is_full(&self, size: PoolSize) -> bool {
        let takers = self.free + (size.threads - self.threads);
        self.jobs.len() >= size.queue.saturating_add(takers)
    }

    fn start_next(&mut self) -> Option<Job> {
        let job = self.jobs.pop_front()?;
        self.free -= 1;
        let waited = job.queued_at.elapsed();
        self.stats.queue_time += waited;
        self.stats.queue_time_max = self.stats.queue_time_max.max(waited);
        Some(job)
    }

    fn settle(&mut self, ran: Ran) {
        self.free += 1;
        match ran {
            Ran::Finished => self.stats.finished += 1,
            Ran::Skipped => self.stats.skipped += 1,
        }
    }
}

/// The life of one thread: takes jobs in order until the pool is closed and its queue empty.
pub(super) fn run(shared: &Shared) {
    let mut queue = shared.lock();
    loop {
        if let Some(job) = queue.start_next() {
            drop(queue);
            let settle = |ran| shared.lock().settle(ran);
            // A job catches the panic of its work; what may still panic is the drop of a result that
            // nobody waits for, and that is after it has settled.
            let _ = catch_unwind(AssertUnwindSafe(|| (job.run)(&settle)));
            queue = shared.lock();
        } else if queue.closed {
            queue.threads -= 1;
            queue.free -= 1;
            return;
        } else {
            queue = shared
                .work_came
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}
