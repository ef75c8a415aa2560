//! Bounded thread pools, one for each kind of work, so that none can starve another.
//!
//! A [`Sabr`](crate::Sabr) owns five: *endpoint* (plain `fn` endpoints), *compute* (as many threads as
//! cores), *blocking* (calls that wait without giving the thread up), *tasks* (sync background tasks)
//! and *cleanup*. Each has its own threads and its own bounded queue, so a thread of one pool is never
//! waited for by the work of another. At the bound a pool answers [`Overloaded`], a
//! 503 with `Retry-After`; nothing queues without end.
//!
//! Threads start when first needed and live as long as their pool. They cannot be cancelled: a job
//! whose caller has left is skipped if it has not started, and runs to its end if it has.
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
mod stats;
mod worker;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use self::kind::PoolKind;
pub use self::stats::PoolStats;

pub(crate) use self::job::{Panic, Ticket};
pub(crate) use self::kind::Pools;

use self::worker::Queue;
use crate::Overloaded;

/// The size of one pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PoolSize {
    pub(crate) threads: usize,
    pub(crate) queue: usize,
}

/// Named threads with one bounded queue. Dropping it ends its threads once the queue is empty.
#[derive(Debug)]
pub(crate) struct Pool {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    kind: PoolKind,
    size: PoolSize,
    retry_after: Duration,
    queue: Mutex<Queue>,
    work_came: Condvar,
}

impl Shared {
    /// A job that panics does so outside this lock, so a poisoned queue is still whole.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    pub(crate) fn new(kind: PoolKind, size: PoolSize, retry_after: Duration) -> Self {
        let size = PoolSize {
            threads: size.threads.max(1),
            queue: size.queue,
        };
        Self {
            shared: Arc::new(Shared {
                kind,
                size,
                retry_after,
                queue: Mutex::new(Queue::default()),
                work_came: Condvar::new(),
            }),
        }
    }

    /// Queues `work` and gives the ticket its result is collected with.
    ///
    /// # Errors
    ///
    /// [`Overloaded`] when every thread is busy and the queue is full, or when no thread could be started.
    pub(crate) fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Ticket<T>, Overloaded> {
        let mut queue = self.shared.lock();
        if queue.is_full(self.shared.size) {
            queue.stats.rejected += 1;
            return Err(self.overloaded());
        }
        let (job, ticket) = job::pair(work);
        queue.jobs.push_back(job);
        if queue.free >= queue.jobs.len() {
            drop(queue);
            self.shared.work_came.notify_one();
        } else if queue.threads < self.shared.size.threads {
            queue.threads += 1;
            queue.free += 1;
            drop(queue);
            self.start_thread()?;
        }
        Ok(ticket)
    }

    pub(crate) fn stats(&self) -> PoolStats {
        let queue = self.shared.lock();
        PoolStats {
            queued: queue.jobs.len(),
            busy: queue.threads - queue.free,
            threads: queue.threads,
            ..queue.stats.clone()
        }
    }

    /// A thread that cannot be started is an error only when there is none at all: otherwise the
    /// threads that run will come to the job.
    fn start_thread(&self) -> Result<(), Overloaded> {
        let shared = Arc::clone(&self.shared);
        let name = format!("sabr-{}", self.shared.kind);
        let started = std::thread::Builder::new()
            .name(name)
            .spawn(move || worker::run(&shared));
        let Err(error) = started else { return Ok(()) };
        let mut queue = self.shared.lock();
        queue.threads -= 1;
        queue.free -= 1;
        tracing::error!(pool = %self.shared.kind, threads = queue.threads, %error, "cannot start a thread");
        if queue.threads > 0 {
            return Ok(());
        }
        let stranded = std::mem::take(&mut queue.jobs);
        queue.stats.rejected += stranded.len() as u64;
        drop(queue);
        drop(stranded);
        Err(self.overloaded())
    }

    fn overloaded(&self) -> Overloaded {
        Overloaded::pool(self.shared.kind, self.shared.retry_after)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.work_came.notify_all();
    }
}
