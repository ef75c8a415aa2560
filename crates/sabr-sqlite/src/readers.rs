//! The connections that read.

use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::Kind;
use crate::snapshot::Snapshot;
use crate::{Error, Options, connection};

/// After how many commits the views of idle connections are let go.
const RELEASE_EVERY: u64 = 64;

/// A bounded number of connections, each used by one reader at a time.
pub(crate) struct Readers {
    idle: Mutex<Vec<Snapshot>>,
    /// How often this process has committed. Whoever was told of a commit has seen the count that it
    /// made, since it was made before.
    commits: AtomicU64,
    free: Arc<Semaphore>,
    count: usize,
    waiting: AtomicUsize,
    waiting_max: usize,
    pub(crate) begun: AtomicU64,
    pub(crate) rejected: AtomicU64,
}

/// A connection that is in use; it is idle again when this is dropped.
pub(crate) struct Reader {
    snapshot: Option<Snapshot>,
    pool: Arc<Readers>,
    _permit: OwnedSemaphorePermit,
}

impl Readers {
    pub(crate) fn open(path: &Path, options: &Options) -> Result<Self, Error> {
        let open = |_| connection::reader(path, options).map(Snapshot::new);
        let idle = (0..options.readers).map(open).collect::<Result<_, _>>()?;
        Ok(Self {
            idle: Mutex::new(idle),
            commits: AtomicU64::new(0),
            free: Arc::new(Semaphore::new(options.readers)),
            count: options.readers,
            waiting: AtomicUsize::new(0),
            waiting_max: options.queue_capacity,
            begun: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
        })
    }

    /// A connection, as soon as one is idle.
    pub(crate) async fn get(self: &Arc<Self>) -> Result<Reader, Error> {
        let permit = match Arc::clone(&self.free).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => self.wait().await?,
        };
        self.begun.fetch_add(1, Ordering::Relaxed);
        Ok(Reader {
            snapshot: self.idle().pop(),
            pool: Arc::clone(self),
            _permit: permit,
        })
    }

    /// The writer has committed, and will say so to its callers after this. Every now and then lets go of
    /// old views that nobody uses: they keep the log from being begun anew.
    pub(crate) fn committed(&self) {
        let commits = self.commits.fetch_add(1, Ordering::Release) + 1;
        if !commits.is_multiple_of(RELEASE_EVERY) {
            return;
        }
        for snapshot in self.idle().iter_mut() {
            if let Err(error) = snapshot.release_before(commits) {
                tracing::warn!(%error, "a view of the database can't be let go");
            }
        }
    }

    /// Waits for those that are in use, and closes all.
    pub(crate) async fn close(&self) {
        let count = u32::try_from(self.count).unwrap_or(u32::MAX);
        if let Ok(permits) = self.free.acquire_many(count).await {
            permits.forget();
        }
        self.free.close();
        self.idle().clear();
    }

    async fn wait(&self) -> Result<OwnedSemaphorePermit, Error> {
        // Only a count of who waits: it guards nothing else, so the order does not matter.
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= self.waiting_max {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            self.rejected.fetch_add(1, Ordering::Relaxed);
            let capacity = self.waiting_max;
            return Err(Kind::Overloaded { capacity }.into());
        }
        let _leave = Leave(&self.waiting);
        let permit = Arc::clone(&self.free).acquire_owned().await;
        permit.map_err(|_| Kind::Closed.into())
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Snapshot>> {
        // No code of callers runs under this lock, and none of ours panics.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who waited waits no more, also when the future was dropped.
struct Leave<'count>(&'count AtomicUsize);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Reader {
    /// The connection, which sees all that this process had committed when this was called.
    pub(crate) fn conn(&mut self) -> Result<&Connection, Error> {
        let commits = self.pool.commits.load(Ordering::Acquire);
        match &mut self.snapshot {
            Some(snapshot) => Ok(snapshot.fresh(commits)?),
            None => Err(Kind::Closed.into()),
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // The connection first, then the permit that says there is one.
        if let Some(snapshot) = self.snapshot.take() {
            self.pool.idle().push(snapshot);
        }
    }
}
