use std::fmt;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use crate::check::Checks;
use crate::connection::{self, Fence};
use crate::error::Kind;
use crate::file::Files;
use crate::queue::Queue;
use crate::readers::Readers;
use crate::write::{Effect, Outcome, Pending, contain};
use crate::writer::{self, Writer};
use crate::{Error, Options, Statistics, WriteTx, migration};

/// An open database. Cheap to clone; all clones are the same database.
///
/// Dropping the last clone without [`Database::close`] lets the writer thread finish what is queued
/// and close the file in its own time; a process that ends meanwhile cuts that short, and loses no
/// write that was answered.
#[derive(Clone)]
pub struct Database {
    shared: Arc<Shared>,
}

struct Shared {
    queue: Arc<Queue>,
    /// `None` for a database in memory, which has but the one connection.
    readers: Option<Arc<Readers>>,
    statistics: Arc<Mutex<Statistics>>,
    checks: Checks,
    /// How the writer thread ended, once it has.
    ended: watch::Receiver<Option<Result<(), Error>>>,
}

impl Database {
    /// Options for a database in a file, which is made if it is missing. Its folder has to exist.
    pub fn options(path: impl AsRef<Path>) -> Options {
        Options::new(Some(path.as_ref().to_owned()))
    }

    /// Options for a database in memory, which is gone when it is closed. Reads and writes take
    /// turns on its one connection.
    pub fn in_memory() -> Options {
        Options::new(None)
    }

    pub(crate) fn open(options: &Options) -> Result<Self, Error> {
        let fence = Fence::default();
        let mut conn = connection::writer(options, &fence)?;
        migration::apply(&mut conn, &fence, options.migrations)?;
        let readers = match &options.path {
            Some(path) => Some(Arc::new(Readers::open(path, options)?)),
            None => None,
        };
        let files = options.path.as_deref().map(Files::of).transpose()?;
        let queue = Arc::new(Queue::new(options.queue_capacity));
        let statistics = Arc::default();
        let checks = Checks::new(options);
        let (end, ended) = watch::channel(None);
        let writer = Writer {
            conn,
            options: options.clone(),
            fence,
            files,
            queue: Arc::clone(&queue),
            readers: readers.clone(),
            statistics: Arc::clone(&statistics),
            doubt: checks.doubt(),
            committed: false,
        };
        thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                let closed = writer::run(writer);
                let _ = end.send(Some(closed));
            })
            .map_err(Kind::Spawn)?;
        Ok(Self {
            shared: Arc::new(Shared {
                queue,
                readers,
                statistics,
                checks,
                ended,
            }),
        })
    }

    /// Runs a closure on the writing connection, in a transaction that it may share with others,
    /// and answers when that is committed. The closure runs on the writer thread: while it runs, all
    /// other writes wait.
    ///
    /// If the closure returns an error, what it wrote is rolled back, and nothing else is. If the future is
    /// dropped, the closure is carried out all the same.
    ///
    /// # Errors
    ///
    /// The closure's own; or [`Error::is_overloaded`] when too many writes wait, at once;
    /// [`Error::is_panicked`] when the closure panicked; [`Error::is_commit_failed`] when the
    /// transaction could not begin or be committed, with [`Error::is_busy`] and [`Error::is_full`] for
    /// the reasons that pass; [`Error::is_moved`]; [`Error::is_writer_ended`]; [`Error::is_closed`].
    pub async fn write<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&WriteTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (call, reply) = Pending::new(closure, Effect::Commit);
        self.shared.queue_and_wait(call, reply).await
    }

    /// Runs a short closure on a reading connection, right here, as part of this task.
    ///
    /// For what takes some microseconds, which is what reading a row or a page of a hundred by an
    /// index takes: then a hop to another thread and back would cost more than the read itself (the
    /// example `read_placement` measures it). While the closure runs, this task's thread does
    /// nothing else, so whatever takes longer belongs in [`Database::read_long`].
    ///
    /// The closure sees all that this process committed before it began, and what others committed 10
    /// milliseconds before. It cannot write: on a file it fails
    /// with `SQLITE_READONLY`, and in memory what it wrote is rolled back.
    ///
    /// # Errors
    ///
    /// The closure's own; or [`Error::is_overloaded`] when too many reads wait for a connection;
    /// [`Error::is_panicked`]; [`Error::is_closed`].
    pub async fn read<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        let Some(readers) = &self.shared.readers else {
            return self.read_in_turn(closure).await;
        };
        let mut reader = readers.get().await?;
        let conn = reader.conn()?;
        flatten(contain(|| closure(conn)))
    }

    /// Runs a closure on a reading connection, on a thread where it may take its time.
    ///
    /// As [`Database::read`] otherwise. It takes a thread of the tokio runtime's blocking pool, and
    /// never more of them than there are readers.
    ///
    /// # Errors
    ///
    /// As [`Database::read`].
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn read_long<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        let Some(readers) = &self.shared.readers else {
            return self.read_in_turn(closure).await;
        };
        let mut reader = readers.get().await?;
        let read = move || contain(|| closure(reader.conn()?));
        let read = tokio::task::spawn_blocking(read).await;
        // A closure's panic is contained; the task is lost only when the runtime shuts down.
        flatten(read.unwrap_or_else(|_| Err(Kind::Closed.into())))
    }

    /// Whether writes can be carried out now: asks the writer, and looks for damage in the file.
    ///
    /// The writer begins a transaction, which waits for a lock of another process as long as any write
    /// does. It writes to disk only where that is in doubt: after a failed commit, or when the disk is
    /// nearly full. Damage is looked for by `PRAGMA quick_check` for at most half a second, on a thread
    /// of the tokio runtime's blocking pool, so in a large file some is not found.
    ///
    /// Made for readiness probes: calls at the same time share one check. A search that found no damage
    /// is used again for fifty times as long as it took, so that searches take at most a fiftieth of the
    /// time however often this is called.
    ///
    /// # Errors
    ///
    /// As [`Database::write`], and [`Error::is_corrupt`].
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn check(&self) -> Result<(), Error> {
        let shared = &*self.shared;
        shared.checks.writable(&shared.queue).await?;
        shared.checks.intact().await
    }

    /// What this database has done since it was opened, and how long its queue is.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let shared = &*self.shared;
        let (queue_length, rejected) = shared.queue.counts();
        let count = |of: fn(&Readers) -> u64| shared.readers.as_deref().map_or(0, of);
        Statistics {
            queue_length,
            queue_capacity: shared.queue.capacity(),
            rejected: rejected + count(|readers| readers.rejected.load(Ordering::Relaxed)),
            reads: count(|readers| readers.begun.load(Ordering::Relaxed)),
            ..writer::lock(&shared.statistics).clone()
        }
    }

    /// Refuses what comes from now on, finishes what is queued, moves the write-ahead log into the
    /// database, and closes the file. Calls that come later, on this or another clone, wait for the
    /// same end and answer the same.
    ///
    /// # Errors
    ///
    /// When the log could not be moved because the disk failed, or the file could not be closed. Nothing is
    /// lost by that: the log stays beside the database, and is read when that is opened again. So it
    /// does, without an error, while another process reads it.
    pub async fn close(&self) -> Result<(), Error> {
        self.shared.close().await
    }

    async fn read_in_turn<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        let closure = move |tx: &WriteTx<'_>| closure(tx);
        let (call, reply) = Pending::new(closure, Effect::None);
        self.shared.queue_and_wait(call, reply).await
    }
}

impl Shared {
    async fn queue_and_wait<T, E, F>(
        &self,
        call: Pending<T, E, F>,
        reply: oneshot::Receiver<Outcome<T, E>>,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&WriteTx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.queue.push(Box::new(call))?;
        // The writer answers every call before it drops it.
        flatten(reply.await.unwrap_or_else(|_| Err(Kind::Closed.into())))
    }

    async fn close(&self) -> Result<(), Error> {
        self.queue.close(Kind::Closed.into());
        // The writer is the last to leave: whoever closes the last connection removes the log.
        if let Some(readers) = &self.readers {
            readers.close().await;
        }
        self.queue.end();
        let mut ended = self.ended.clone();
        match ended.wait_for(Option::is_some).await {
            Ok(ended) => ended.clone().unwrap_or(Ok(())),
            Err(_) => Err(Kind::Closed.into()),
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.queue.end();
    }
}

fn flatten<T, E: From<Error>>(outcome: Outcome<T, E>) -> Result<T, E> {
    outcome.unwrap_or_else(|error| Err(error.into()))
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}
