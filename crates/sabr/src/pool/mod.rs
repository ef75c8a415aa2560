//! Bounded thread pools, one for each kind of work, so that none can starve another.
//!
//! A [`Sabr`](crate::Sabr) owns five: *endpoint* (plain `fn` endpoints), *compute* (as many threads
//! as cores), *blocking* (calls that wait without giving the thread up), *tasks* (sync background
//! tasks) and *cleanup*. Each has its own threads and its own bounded queue, so work in one pool
//! never waits for a thread of another. At the bound a pool answers [`Overloaded`], a
//! 503 with `Retry-After`; nothing queues without end.
//!
//! Threads start when first needed and live as long as their pool. They cannot be cancelled: a job
//! whose caller was dropped is skipped if it has not started, and runs to its end if it has.
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

/// Named threads with one bounded queue. Dropping it ends its threads once the queue is empty.
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

    /// Queues `work` and gives the ticket its result is collected with.
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

    /// A thread that cannot be started is an error only when there is none at all: otherwise the
    /// threads that run will come to the job.
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

/// The life of one thread.
fn run_jobs(queue: &JobQueue<Job>) {
    while let Some(job) = queue.take() {
        let settle = |ran| queue.settle(ran);
        // A job catches the panic of its work; what may still panic is the drop of a result that
        // nobody waits for, and that is after it has settled.
        let _ = catch_unwind(AssertUnwindSafe(|| job(&settle)));
    }
}
