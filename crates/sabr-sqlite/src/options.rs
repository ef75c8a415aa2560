use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use crate::Migration;
use crate::migration::Migrations;

/// When SQLite waits for the disk (`PRAGMA synchronous`, with a write-ahead log).
///
/// In every setting a commit survives the death of the process, and none can corrupt the database
/// but [`Synchronous::Off`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// Every commit is forced to disk before it is answered: it survives the loss of power.
    #[default]
    Full,
    /// Only checkpoints are forced to disk: the loss of power may take the last commits back, and
    /// leaves the database as it was before them.
    Normal,
    /// Nothing is forced to disk: the loss of power may leave a database that can't be read.
    Off,
}

/// How to open a database. Made by [`Database::options`](crate::Database::options) and
/// [`Database::in_memory`](crate::Database::in_memory).
#[derive(Clone, Debug)]
#[must_use = "nothing is opened before `open`"]
pub struct Options {
    pub(crate) path: Option<PathBuf>,
    pub(crate) migrations: Migrations,
    pub(crate) application_id: Option<u32>,
    pub(crate) synchronous: Synchronous,
    pub(crate) queue_capacity: usize,
    pub(crate) batch_size: usize,
    pub(crate) readers: usize,
    pub(crate) busy_timeout: Duration,
    pub(crate) read_budget: Duration,
    pub(crate) wal_limit: u64,
    pub(crate) on_open: Vec<OnOpen>,
}

type Configure = dyn Fn(&mut Connection) -> rusqlite::Result<()> + Send + Sync;

/// Configures each connection of the program.
#[derive(Clone)]
pub(crate) struct OnOpen(pub(crate) Arc<Configure>);

impl fmt::Debug for OnOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnOpen").finish_non_exhaustive()
    }
}

impl Options {
    pub(crate) fn new(path: Option<PathBuf>) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            path,
            migrations: Migrations::default(),
            application_id: None,
            synchronous: Synchronous::default(),
            queue_capacity: 8192,
            batch_size: 256,
            readers: processors.max(4),
            busy_timeout: Duration::from_secs(5),
            read_budget: Duration::from_micros(500),
            wal_limit: 1 << 30,
            on_open: Vec::new(),
        }
    }

    /// Adds migrations that bring the database to the form this program expects, oldest first.
    ///
    /// Call this once for the program and once for each library that keeps its own tables in the
    /// same database. Migrations are known by their names, so each set may grow by itself. Within a
    /// set they are applied in order, and a new one is added at the end.
    ///
    /// ```
    /// use sabr_sqlite::{Database, Migration};
    ///
    /// # fn library() -> Vec<Migration> {
    /// #     vec![Migration::new("jobs/1", "CREATE TABLE jobs (id INTEGER PRIMARY KEY)")]
    /// # }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let db = Database::in_memory()
    ///     .migrations([Migration::new("1", "CREATE TABLE notes (text TEXT) STRICT")])
    ///     .migrations(library())
    ///     .open()?;
    /// # db.close().await }).unwrap();
    /// ```
    pub fn migrations(mut self, migrations: impl Into<Vec<Migration>>) -> Self {
        self.migrations.add(migrations.into());
        self
    }

    /// The number that marks a file as one of this application (`PRAGMA application_id`); not 0.
    ///
    /// A new file gets this number. A file with another number is refused before anything is
    /// written to it. So is a file without a number whose tables these migrations did not create.
    pub fn application_id(mut self, id: u32) -> Self {
        self.application_id = Some(id);
        self
    }

    /// When to wait for the disk; by default for every commit.
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// How many writes may wait, and how many reads; one more is refused with an error that
    /// [is overloaded](crate::Error::is_overloaded). By default 8192; at least 1.
    pub fn queue_capacity(mut self, capacity: usize) -> Self {
        self.queue_capacity = capacity.max(1);
        self
    }

    /// How many writes share one commit at the most. By default 256; 1 gives each its own.
    pub fn batch_size(mut self, size: usize) -> Self {
        self.batch_size = size.max(1);
        self
    }

    /// How many connections read at once. By default one a processor, but at least 4. An in-memory
    /// database has but its one connection.
    pub fn readers(mut self, readers: usize) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// How long to wait for another process that writes to the same file. By default 5 seconds;
    /// then the commit fails.
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// How long [`Database::read`](crate::Database::read) may hold up the thread of its caller.
    /// After that, the read is interrupted and runs again on another thread. By default 500
    /// microseconds, which is several times what a page of a hundred rows takes. A read that is
    /// moved costs at most this much more than one that starts on a thread.
    pub fn read_budget(mut self, budget: Duration) -> Self {
        self.read_budget = budget;
        self
    }

    /// The length of the write-ahead log (WAL), in bytes, at which reads that stop it from being
    /// reset are ended. By default 1 GiB. The usual length is 16 MB, or 33 MB while other processes
    /// read without a pause.
    ///
    /// A read that is ended fails with an error for which
    /// [`Error::is_overloaded`](crate::Error::is_overloaded) is true. It is ended between two
    /// steps of a query. A closure that does other work is not ended, and neither is a read of
    /// another process. The WAL then grows by what is written. For each further 16 MB,
    /// and at least once a second, writes wait for up to a quarter of a second while the writer
    /// tries to reset it.
    pub fn wal_limit(mut self, bytes: u64) -> Self {
        self.wal_limit = bytes;
        self
    }

    /// Adds a function that is called once with each connection, writing or reading, before it is
    /// used. Such functions run in the order in which they were added.
    ///
    /// It may add SQL functions and collations, trace statements, and set pragmas that belong to
    /// one connection, such as `cache_size` or `mmap_size`. The library sets `journal_mode`,
    /// `synchronous`, `foreign_keys` and the busy timeout itself. The authorizer, the commit hook,
    /// the WAL hook and the progress handler belong to the library too, which replaces any that are
    /// set here.
    ///
    /// ```
    /// use sabr_sqlite::rusqlite::functions::FunctionFlags;
    /// use sabr_sqlite::{Database, Error};
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let offset = 40;
    /// let db = Database::in_memory()
    ///     .on_open(move |conn| {
    ///         conn.pragma_update(None, "cache_size", -8_000)?;
    ///         conn.create_scalar_function("shifted", 1, FunctionFlags::default(), move |call| {
    ///             Ok(call.get::<i64>(0)? + offset)
    ///         })
    ///     })
    ///     .open()?;
    /// let sum = db.read(|conn| {
    ///     Ok::<i64, Error>(conn.query_row("SELECT shifted(2)", [], |row| row.get(0))?)
    /// });
    /// assert_eq!(sum.await?, 42);
    /// # db.close().await }).unwrap();
    /// ```
    pub fn on_open(
        mut self,
        configure: impl Fn(&mut Connection) -> rusqlite::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.on_open.push(OnOpen(Arc::new(configure)));
        self
    }
}
