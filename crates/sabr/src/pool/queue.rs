use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use crate::primitives::{Condvar, Mutex, MutexGuard};

/// The size of one pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PoolSize {
    pub(crate) threads: usize,
    pub(crate) queue: usize,
}

/// A bounded queue of jobs, and the number of threads that take them. This is the whole protocol of
/// a pool, without its threads.
///
/// Every job that was pushed is taken, and the number of threads never exceeds its bound.
pub(crate) struct JobQueue<J> {
    size: PoolSize,
    state: Mutex<State<J>>,
    job_came: Condvar,
}

struct State<J> {
    jobs: VecDeque<(J, Instant)>,
    closed: bool,
    counts: Counts,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) queued: usize,
    pub(crate) threads: usize,
    /// Threads outside a job: waiting for a job, just started, or between two jobs.
    pub(crate) free: usize,
    pub(crate) finished: u64,
    pub(crate) skipped: u64,
    pub(crate) rejected: u64,
    pub(crate) queue_time: Duration,
    pub(crate) queue_time_max: Duration,
}

/// What the caller of [`JobQueue::push`] must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Pushed {
    /// Nothing: a thread will take it.
    Awaited,
    /// Start a thread, which has been counted already.
    StartThread,
}

/// Whether a job was run or skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ran {
    Finished,
    Skipped,
}

/// The queue is full, and the job is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl<J> JobQueue<J> {
    pub(crate) fn new(size: PoolSize) -> Self {
        let state = State {
            jobs: VecDeque::new(),
            closed: false,
            counts: Counts::default(),
        };
        Self {
            size,
            state: Mutex::new(state),
            job_came: Condvar::new(),
        }
    }

    /// Queues a job. `job` is called only if there is room.
    pub(crate) fn push(&self, job: impl FnOnce() -> J) -> Result<Pushed, Full> {
        let mut state = self.lock();
        if state.is_full(self.size) {
            state.counts.rejected += 1;
            return Err(Full);
        }
        state.jobs.push_back((job(), Instant::now()));
        if state.counts.free >= state.jobs.len() {
            drop(state);
            self.job_came.notify_one();
        } else if state.counts.threads < self.size.threads {
            state.counts.threads += 1;
            state.counts.free += 1;
            return Ok(Pushed::StartThread);
        }
        Ok(Pushed::Awaited)
    }

    /// Waits for the next job. `None` if the queue is closed and empty; the thread then ends.
    pub(crate) fn take(&self) -> Option<J> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.start_next() {
                return Some(job);
            }
            if state.closed {
                state.counts.threads -= 1;
                state.counts.free -= 1;
                return None;
            }
            self.job_came.wait(&mut state);
        }
    }

    /// A thread has ended the job that it took.
    pub(crate) fn settle(&self, ran: Ran) {
        let mut state = self.lock();
        state.counts.free += 1;
        match ran {
            Ran::Finished => state.counts.finished += 1,
            Ran::Skipped => state.counts.skipped += 1,
        }
    }

    /// A counted thread could not be started. If there is no other thread, returns all queued jobs,
    /// because no thread would take them.
    pub(crate) fn thread_failed(&self) -> Option<Vec<J>> {
        let mut state = self.lock();
        state.counts.threads -= 1;
        state.counts.free -= 1;
        if state.counts.threads > 0 {
            return None;
        }
        let stranded: Vec<J> = state.jobs.drain(..).map(|(job, _)| job).collect();
        state.counts.rejected += stranded.len() as u64;
        Some(stranded)
    }

    /// Closes the queue. Threads end once it is empty.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.job_came.notify_all();
    }

    pub(crate) fn counts(&self) -> Counts {
        let state = self.lock();
        Counts {
            queued: state.jobs.len(),
            ..state.counts
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock()
    }
}

impl<J> fmt::Debug for JobQueue<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobQueue")
            .field("size", &self.size)
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

impl<J> State<J> {
    /// A job that a free or a new thread will take at once does not count as queued.
    fn is_full(&self, size: PoolSize) -> bool {
        let takers = self.counts.free + (size.threads - self.counts.threads);
        self.jobs.len() >= size.queue.saturating_add(takers)
    }

    fn start_next(&mut self) -> Option<J> {
        let (job, queued_at) = self.jobs.pop_front()?;
        let waited = queued_at.elapsed();
        self.counts.free -= 1;
        self.counts.queue_time += waited;
        self.counts.queue_time_max = self.counts.queue_time_max.max(waited);
        Some(job)
    }
}
