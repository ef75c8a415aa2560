use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use crate::check::Checks;
use crate::error::Kind;
use crate::inode::Files;
use crate::queue::Queue;
use crate::readers::Readers;
use crate::wal::{self, Wal};
use crate::write::{Effect, Outcome, Pending, flatten};
use crate::writer::{self, Writer};
use crate::{Error, Options, Statistics, WriteTx, inspect, open, supervisor};

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
    /// The path of the WAL; `None` in memory.
    wal_path: Option<PathBuf>,
    /// How the writer thread ended, once it has.
    ended: watch::Receiver<Option<Result<(), Error>>>,
    is_new: bool,
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
        let _turn = inspect::turn();
        let mut opened = open::writer(options)?;
        let wal = Wal::watch(&mut opened.conn, options)?;
        // SQLite's own name of the file, with symbolic links resolved.
        let wal_path = opened.conn.path().filter(|path| !path.is_empty());
        let wal_path = wal_path.map(|path| PathBuf::from(format!("{path}-wal")));
        let queue = Arc::new(Queue::new(options.queue_capacity));
        let readers = match &options.path {
            Some(path) => Some(Arc::new(Readers::open(path, options, Arc::clone(&queue))?)),
            None => None,
        };
        let files = options.path.as_deref().map(Files::of).transpose()?;
        let statistics = Arc::default();
        let checks = Checks::new(options, readers.clone(), &opened.conn)?;
        let (end, ended) = watch::channel(None);
        let writer = Writer {
            conn: opened.conn,
            options: options.clone(),
            fence: opened.fence,
            files,
            queue: Arc::clone(&queue),
            readers: readers.clone(),
            wal,
            statistics: Arc::clone(&statistics),
            doubt: checks.doubt(),
            damage: checks.damage(),
            committed: false,
        };
        thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                let closed = supervisor::run(writer);
                let _ = end.send(Some(closed));
            })
            .map_err(Kind::Spawn)?;
        Ok(Self {
            shared: Arc::new(Shared {
                queue,
                readers,
                statistics,
                checks,
                wal_path,
                ended,
                is_new: opened.is_new,
            }),
        })
    }

    /// Whether opening created the database.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.shared.is_new
    }

    /// Runs a closure on the writing connection, in a transaction that it may share with others,
    /// and answers when that is committed. The closure runs on the writer thread: while it runs,
    /// all other writes wait.
    ///
    /// If the closure returns an error, what it wrote is rolled back, and nothing else is. If the
    /// future is dropped, the closure is carried out all the same.
    ///
    /// # Errors
    ///
    /// The closure's own; or [`Error::is_overloaded`] when too many writes wait, at once;
    /// [`Error::is_panicked`] when the closure panicked; [`Error::is_commit_failed`] when the
    /// transaction could not begin or be committed, with [`Error::is_busy`] and [`Error::is_full`]
    /// for conditions that pass; [`Error::is_moved`]; [`Error::is_writer_ended`];
    /// [`Error::is_closed`].
    pub async fn write<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&WriteTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (call, reply) = Pending::new(closure, Effect::Commit);
        self.shared.queue_and_wait(call, reply).await
    }

    /// Runs a closure on a reading connection. It runs in place, on the thread that polls this
    /// future; a closure that takes too long runs again on another thread.
    ///
    /// Reading a row, or a page of a hundred rows by an index, takes a few microseconds. A hop to
    /// another thread and back costs more (measured by the example `read_placement`). In place, the
    /// closure holds up its thread. So SQLite is interrupted after [`Options::read_budget`], and
    /// the closure runs again from its beginning, as [`Database::read_long`] would run it. The
    /// caller does not notice, with two exceptions:
    ///
    /// - The closure may run twice. It must have no side effects.
    /// - SQLite is interrupted only between two steps of a query, and a closure not at all between
    ///   two queries. One step can take long: `count(*)` of a whole table, a function that makes a
    ///   large value, a row of many megabytes. Use [`Database::read_long`] for reads of that kind.
    ///   Use it also for reads that are known to be long, because `read` would start them twice.
    ///
    /// The closure sees all that this process committed before it began, and what others committed
    /// a millisecond before. It cannot write: on a file it fails
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
        F: Fn(&Connection) -> Result<T, E> + Send + 'static,
    {
        let Some(readers) = &self.shared.readers else {
            return self.read_in_turn(closure).await;
        };
        readers.read(closure).await
    }

    /// Runs a closure once, on a reading connection, on a thread that may block.
    ///
    /// Otherwise it works as [`Database::read`]. It takes a thread of the tokio runtime's blocking
    /// pool or, without a runtime, the thread of its caller. If there are several readers, long
    /// reads leave one of them to short reads.
    ///
    /// A running read stops SQLite from resetting the WAL. The file grows by all that is written
    /// meanwhile, up to [`Options::wal_limit`], where the read is ended. Within a second after a
    /// read ends, the file is cut to its usual length.
    ///
    /// # Errors
    ///
    /// As [`Database::read`].
    pub async fn read_long<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        let Some(readers) = &self.shared.readers else {
            return self.read_in_turn(closure).await;
        };
        readers.read_long(closure).await
    }

    /// Checks whether writes can be carried out now: asks the writer, and looks for damage in the
    /// file.
    ///
    /// While a search finds damage, all writes fail with [`Error::is_corrupt`]. A later search that
    /// finds none lets them through again. A table that existed when the database was opened and is
    /// gone counts as damage that is reported, but refuses no writes.
    ///
    /// The writer begins a transaction, which waits for another process's lock as long as any write
    /// does. It writes to disk only when success is in doubt: after a failed commit, or when the
    /// disk is nearly full. `PRAGMA quick_check` looks for damage for at most half a second, on a
    /// thread of the tokio runtime's blocking pool. In a large file it does not find all damage.
    ///
    /// Made for readiness probes: concurrent calls share one check. A search without findings is
    /// reused for fifty times its duration, so searches take at most a fiftieth of the time,
    /// however often this is called.
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
        match shared.checks.writable(&shared.queue).await {
            // The damage may have been repaired since it was found.
            Err(error) if error.is_damage_found() => {
                shared.checks.intact().await?;
                shared.checks.writable(&shared.queue).await
            }
            Err(error) => Err(error),
            Ok(()) => shared.checks.intact().await,
        }
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
            rejected: rejected + count(Readers::rejected),
            reads: count(|readers| readers.begun.load(Ordering::Relaxed)),
            moved_reads: count(|readers| readers.moved.load(Ordering::Relaxed)),
            wal_bytes: shared.wal_path.as_deref().map_or(0, wal::file_length),
            ..writer::lock(&shared.statistics).clone()
        }
    }

    /// Refuses what comes from now on, finishes what is queued, moves the write-ahead log into the
    /// database, and closes the file. Calls that come later, on this or another clone, wait for the
    /// same end and answer the same.
    ///
    /// # Errors
    ///
    /// When the log could not be moved because the disk failed, or the file could not be closed.
    /// Nothing is lost by that: the log stays beside the database, and is read when that is
    /// opened again. So it does, without an error, while another process reads it.
    pub async fn close(&self) -> Result<(), Error> {
        self.shared.close().await
    }

    /// As [`Database::close`], but does not carry out writes that are queued: they fail with
    /// [`Error::is_closed`]. The write that runs is finished. A write that waits for another
    /// process's lock fails, too, and running reads are ended.
    ///
    /// For a service that has ended its requests, so that nobody waits for these writes any more.
    ///
    /// # Errors
    ///
    /// As [`Database::close`].
    pub async fn close_now(&self) -> Result<(), Error> {
        self.shared.queue.stop();
        if let Some(readers) = &self.shared.readers {
            readers.interrupt();
        }
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

impl Options {
    /// Opens the database, makes the file if it is missing, and applies the migrations that it does
    /// not have yet. Blocks the calling thread.
    ///
    /// A new file has mode 0600, less the umask. It appears under its name when it is complete, so
    /// another process never sees half of it.
    ///
    /// All missing migrations are applied in one transaction.
    ///
    /// # Errors
    ///
    /// When the file can't be opened or created; when it is not a database of this application
    /// ([`Error::is_refused`]); when its migrations differ from these, or one of them fails
    /// ([`Error::is_migration`]). A file that is refused is not changed, and nothing is left beside
    /// it. A migration that fails changes nothing either.
    pub fn open(self) -> Result<Database, Error> {
        Database::open(&self)
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
        // The writer answers every call, unless a panic of its own made it drop one.
        flatten(reply.await.unwrap_or_else(|_| {
            Err(Kind::WriterEnded {
                message: "the call was lost".to_owned(),
                restart: None,
            }
            .into())
        }))
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

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}
