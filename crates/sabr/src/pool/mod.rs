//! Bounded thread pools, one for each kind of work, so that none can starve another.
//!
//! A [`Sabr`](crate::Sabr) owns five: *endpoint* (plain `fn` endpoints), *compute* (as many threads
//! as cores), *blocking* (calls that hold their thread while they wait), *tasks* (sync background
//! tasks) and *cleanup*. Each has its own threads and its own bounded queue, so work in one pool
//! never waits for a thread of another. At the bound a pool returns [`Overloaded`], which is a 503
//! with `Retry-After` as a response.
//!
//! Threads start when they are first needed, and live as long as their pool. A job cannot be
//! stopped. If its caller is dropped, for instance because a client disconnects, a queued job is
//! skipped and a running job runs to its end.
//!
//! ```
//! use sabr::{PoolKind, Sabr};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), sabr::Overloaded> {
//! let sabr = Sabr::builder().threads(PoolKind::Compute, 2).build();
//! assert_eq!(sabr.compute(|| 6 * 7).await?, 42);
//! assert_eq!(sabr.pool(PoolKind::Compute).finished, 1);
//! # Ok(())
//! # }
//! ```

mod job;
mod kind;
mod overloaded;
mod pools;
mod queue;
mod stats;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

pub use self::kind::PoolKind;
pub use self::overloaded::Overloaded;
pub use self::stats::PoolStats;

pub(crate) use self::job::{Panic, Ticket};
pub(crate) use self::pools::Pools;
pub(crate) use self::queue::PoolSize;

use self::job::Job;
use self::queue::{JobQueue, Pushed};

/// Named threads with one bounded queue. After the pool is dropped, its threads end once the queue
/// is empty.
#[derive(Debug)]
pub(crate) struct Pool {
    kind: PoolKind,
    retry_after: Duration,
    queue: Arc<JobQueue<Job>>,
}

impl Pool {
    pub(crate) fn new(kind: PoolKind, size: PoolSize, retry_after: Duration) -> Self {
        Self {
            kind,
            retry_after,
            queue: Arc::new(JobQueue::new(size)),
        }
    }

    /// Queues `work` and returns the ticket for its result.
    ///
    /// # Errors
    ///
    /// [`Overloaded`] when every thread is busy and the queue is full, or when no thread could be
    /// started.
    pub(crate) fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Ticket<T>, Overloaded> {
        let (job, ticket) = job::pair(work);
        match self.queue.push(job) {
            Ok(Pushed::Awaited) => Ok(ticket),
            Ok(Pushed::StartThread) => self.start_thread().map(|()| ticket),
            Err(_full) => Err(self.overloaded()),
        }
    }

    pub(crate) fn kind(&self) -> PoolKind {
        self.kind
    }

    pub(crate) fn stats(&self) -> PoolStats {
        self.queue.counts().into()
    }

    /// If no thread can be started, that is an error only if the pool has no other thread.
    /// Otherwise another thread takes the job later.
    fn start_thread(&self) -> Result<(), Overloaded> {
        let queue = Arc::clone(&self.queue);
        let name = format!("sabr-{}", self.kind);
        let started = std::thread::Builder::new()
            .name(name)
            .spawn(move || run_jobs(&queue));
        let Err(error) = started else { return Ok(()) };
        tracing::error!(pool = %self.kind, %error, "cannot start a thread");
        match self.queue.thread_failed() {
            Some(_stranded) => Err(self.overloaded()),
            None => Ok(()),
        }
    }

    fn overloaded(&self) -> Overloaded {
        Overloaded::pool(self.kind, self.retry_after)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// The loop of one thread.
fn run_jobs(queue: &JobQueue<Job>) {
    while let Some(job) = queue.take() {
        let settle = |ran| queue.settle(ran);
        // A job catches the panic of its work. The drop of a result that nobody awaits may still
        // panic, but only after the job has settled.
        let _ = catch_unwind(AssertUnwindSafe(|| job(&settle)));
    }
}
