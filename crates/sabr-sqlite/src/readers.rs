//! The connections that read.

#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};
use rusqlite::Connection;
use tokio::runtime::Handle;

use crate::budget::Budget;
use crate::error::Kind;
use crate::panic::{caught, log};
use crate::permits::{Permit, Permits};
use crate::queue::Queue;
use crate::snapshot::Snapshot;
use crate::write::{Outcome, flatten, panicked};
use crate::{Error, Options, connection};

/// How often the writer looks for outdated snapshots, while there are any snapshots.
const RELEASE_EVERY: Duration = Duration::from_millis(10);

/// A bounded number of connections, each used by one reader at a time.
pub(crate) struct Readers {
    idle: Mutex<Idle>,
    /// The budgets of all connections, including those in use.
    budgets: Vec<Budget>,
    /// The number of commits of this process. Incremented before the writer replies, so that a
    /// caller that got a reply also sees the new count.
    commits: AtomicU64,
    permits: Permits,
    budget: Duration,
    /// The queue of the writer, which releases outdated snapshots.
    queue: Arc<Queue>,
    pub(crate) begun: AtomicU64,
    pub(crate) moved: AtomicU64,
}

struct Idle {
    snapshots: Vec<Snapshot>,
    /// Whether the writer wakes up by itself to release snapshots.
    watched: bool,
}

/// A connection that is in use; it is idle again when this is dropped.
pub(crate) struct Reader {
    snapshot: Option<Snapshot>,
    pool: Arc<Readers>,
    _permit: Permit,
}

impl Readers {
    pub(crate) fn open(path: &Path, options: &Options, queue: Arc<Queue>) -> Result<Self, Error> {
        let open = |_| Ok(Snapshot::new(connection::reader(path, options)?)?);
        let snapshots: Vec<Snapshot> = (0..options.readers)
            .map(open)
            .collect::<Result<_, Error>>()?;
        let budgets = snapshots.iter().map(Snapshot::budget).cloned().collect();
        Ok(Self {
            idle: Mutex::new(Idle {
                snapshots,
                watched: false,
            }),
            budgets,
            commits: AtomicU64::new(0),
            permits: Permits::new(options.readers, options.queue_capacity),
            budget: options.read_budget,
            queue,
            begun: AtomicU64::new(0),
            moved: AtomicU64::new(0),
        })
    }

    /// Runs a short closure in place. A closure that exceeds the budget runs again on a thread.
    pub(crate) async fn read<T, E, F>(self: &Arc<Self>, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: Fn(&Connection) -> Result<T, E> + Send + 'static,
    {
        self.begun.fetch_add(1, Ordering::Relaxed);
        let permit = self.permits.short().await?;
        let read = self.reader(permit).run_within_budget(&closure);
        match read {
            Some(read) => flatten(read),
            None => self.run_on_a_thread(closure).await,
        }
    }

    /// Runs a closure on a thread that may block.
    pub(crate) async fn read_long<T, E, F>(self: &Arc<Self>, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.run_on_a_thread(closure).await
    }

    /// Called by the writer after a commit, before it replies to its callers.
    pub(crate) fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Release);
    }

    /// Ends the snapshots of all idle connections.
    pub(crate) fn release_all(&self) {
        self.idle().snapshots.iter_mut().for_each(release);
    }

    /// Ends the snapshots of idle connections that no later read can use. Returns when to call this
    /// again if others are left. If none are left, the next reader that keeps one nudges the
    /// writer.
    pub(crate) fn release_outdated(&self) -> Option<Duration> {
        let commits = self.commits.load(Ordering::Acquire);
        let now = Instant::now();
        let mut idle = self.idle();
        let mut watched = false;
        for snapshot in &mut idle.snapshots {
            if snapshot.is_useful(commits, now) {
                watched = true;
            } else {
                release(snapshot);
            }
        }
        idle.watched = watched;
        watched.then_some(RELEASE_EVERY)
    }

    /// Ends all running reads.
    pub(crate) fn end_reads(&self) {
        let message =
            "the WAL has reached its limit; reads that keep it from being reset are ended";
        log(|| tracing::warn!(message));
        self.budgets.iter().for_each(Budget::end);
    }

    /// Ends all running reads, because the database is closed.
    pub(crate) fn interrupt(&self) {
        self.budgets.iter().for_each(Budget::end);
    }

    /// Ends the snapshots of idle connections, and empties their page caches.
    pub(crate) fn forget_pages(&self) {
        for snapshot in &mut self.idle().snapshots {
            release(snapshot);
            snapshot.forget_pages();
        }
    }

    /// How many reads were rejected because too many waited.
    pub(crate) fn rejected(&self) -> u64 {
        self.permits.rejected.load(Ordering::Relaxed)
    }

    /// Waits for those that are in use, and closes all.
    pub(crate) async fn close(&self) {
        self.permits.close().await;
        self.idle().snapshots.clear();
    }

    async fn run_on_a_thread<T, E, F>(self: &Arc<Self>, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        let permit = self.permits.long().await?;
        let mut reader = self.reader(permit);
        let Ok(runtime) = Handle::try_current() else {
            // Outside a runtime there is no event loop to hold up.
            return flatten(reader.run(closure));
        };
        let read = runtime.spawn_blocking(move || reader.run(closure)).await;
        // A panic of the closure is caught, so the task is lost only when the runtime shuts down.
        flatten(read.unwrap_or_else(|_| Err(Kind::Closed.into())))
    }

    fn reader(self: &Arc<Self>, permit: Permit) -> Reader {
        Reader {
            snapshot: self.idle().snapshots.pop(),
            pool: Arc::clone(self),
            _permit: permit,
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        // No code of callers runs under this lock, and none of ours panics.
        self.idle.lock()
    }
}

fn release(snapshot: &mut Snapshot) {
    if let Err(error) = snapshot.release() {
        let message = "cannot end a read transaction; until it ends, the WAL grows";
        log(|| tracing::warn!(%error, message));
    }
}

impl Reader {
    /// Runs a closure without a time limit.
    pub(crate) fn run<T, E: From<Error>>(
        &mut self,
        closure: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Outcome<T, E> {
        let ended = || Err(Kind::ReadEnded.into());
        self.run_for(None, closure).unwrap_or_else(ended)
    }

    /// Runs a closure within the time budget; `None` if it was interrupted.
    pub(crate) fn run_within_budget<T, E: From<Error>>(
        &mut self,
        closure: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Option<Outcome<T, E>> {
        let result = self.run_for(Some(self.pool.budget), closure);
        if result.is_none() {
            self.pool.moved.fetch_add(1, Ordering::Relaxed);
        }
        result
    }

    /// `None` if a statement was interrupted.
    fn run_for<T, E: From<Error>>(
        &mut self,
        time: Option<Duration>,
        closure: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Option<Outcome<T, E>> {
        let Some(snapshot) = &self.snapshot else {
            return Some(Err(Kind::Closed.into()));
        };
        let budget = snapshot.budget().clone();
        let result = caught(|| {
            let conn = self.conn()?;
            budget.begin(time);
            closure(conn)
        });
        // The interruption may be what made the closure panic.
        (!budget.finish()).then(|| result.map_err(panicked))
    }

    /// The connection, which sees all that this process had committed when this was called.
    fn conn(&mut self) -> Result<&Connection, Error> {
        let commits = self.pool.commits.load(Ordering::Acquire);
        match &mut self.snapshot {
            Some(snapshot) => Ok(snapshot.fresh(commits)?),
            None => Err(Kind::Closed.into()),
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let Some(mut snapshot) = self.snapshot.take() else {
            return;
        };
        let commits = self.pool.commits.load(Ordering::Acquire);
        if !snapshot.is_useful(commits, Instant::now()) {
            release(&mut snapshot);
        }
        // The connection first, then the permit that says there is one.
        let mut idle = self.pool.idle();
        idle.snapshots.push(snapshot);
        let is_news = !std::mem::replace(&mut idle.watched, true);
        drop(idle);
        if is_news {
            self.pool.queue.nudge();
        }
    }
}
