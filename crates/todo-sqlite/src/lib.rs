//! The store of Todo on SQLite.
//!
//! For each command it loads what the command needs, lets `todo_core::decide` decide, and applies
//! the effect, all in one closure on the writer of [`sabr_sqlite`]. The store has no rules of its
//! own. Each table has its own file.

mod apply;
mod change_log;
mod failure;
mod items;
mod row;
#[cfg(test)]
mod tests;
mod todos;
mod users;

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use sabr_sqlite::rusqlite::{self, Connection};
use sabr_sqlite::{Database, Migration, WriteTx};
use todo_core::{
    Changes, Effect, Item, ItemId, LogPosition, Mode, Page, Refusal, Request, Slice, Store,
    StoreError, Todo, TodoId, User, decide,
};
use tokio::sync::watch;

pub use sabr_sqlite::{Error, IfExists, Statistics};

use failure::{Failure, failed};

const MIGRATIONS: &[Migration] = &[
    Migration::new("0001_todos", include_str!("migrations/0001_todos.sql")),
    Migration::new("0002_changes", include_str!("migrations/0002_changes.sql")),
    Migration::new(
        "0003_todos_by_state",
        include_str!("migrations/0003_todos_by_state.sql"),
    ),
    Migration::new(
        "0004_change_tags",
        include_str!("migrations/0004_change_tags.sql"),
    ),
];

/// Marks a file as a database of Todo: "Todo" in ASCII.
const APPLICATION_ID: u32 = u32::from_be_bytes(*b"Todo");

/// The options of a store.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// The database file, which is created if it is missing. `None` keeps the database in memory,
    /// so that it ends with the process.
    pub path: Option<PathBuf>,
    /// The largest number of writes that share one commit; 1 gives each write its own.
    pub batch_size: usize,
    /// How long a write waits for another program's lock on the database.
    pub lock_timeout: Duration,
}

impl Default for SqliteOptions {
    /// In memory, with up to 256 writes per commit, and a lock timeout of 5 seconds.
    fn default() -> Self {
        Self {
            path: None,
            batch_size: 256,
            lock_timeout: Duration::from_secs(5),
        }
    }
}

/// A store of todos in an SQLite database. Its writes are durable and share commits.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    db: Database,
    /// How many calls of [`Store::write`] have committed something.
    commits: watch::Sender<u64>,
}

impl SqliteStore {
    /// Opens the database, and applies the migrations that it does not have yet.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened or created, is not a database of this program, or was written
    /// by a newer version of it. Such a file is not changed.
    pub fn open(options: &SqliteOptions) -> Result<Self, Error> {
        let db = database(options.path.as_deref())
            .batch_size(options.batch_size)
            .busy_timeout(options.lock_timeout)
            .open()?;
        let commits = watch::Sender::default();
        Ok(Self { db, commits })
    }

    /// Reads a page. A page of up to 100 entries is read on the event loop, which takes some tens
    /// of microseconds (measured by the example `read_placement` of `sabr-sqlite`). A longer
    /// page is read on a thread.
    async fn read_page<T: Send + 'static>(
        &self,
        limit: u32,
        read: impl Fn(&Connection) -> Result<Page<T>, Failure> + Send + 'static,
    ) -> Result<Page<T>, StoreError> {
        if limit <= 100 {
            self.read(read).await
        } else {
            Ok(self.db.read_long(read).await?)
        }
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl Fn(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        Ok(self.db.read(read).await?)
    }

    /// Whether opening created the database.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.db.is_new()
    }

    /// The counts and times of the database since it was opened.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.db.statistics()
    }
}

/// Copies the database into a file. The database may be in use; see
/// [`sabr_sqlite::Options::backup_to`].
///
/// # Errors
///
/// When `path` is not a database of this program, or the backup cannot be written.
pub fn backup(path: &Path, to: &Path, exists: IfExists) -> Result<(), Error> {
    database(Some(path)).backup_to(to, exists)
}

/// Replaces the database with a backup. Returns the new path of the former database, if there was
/// one; see [`sabr_sqlite::Options::restore_from`].
///
/// # Errors
///
/// When the backup is damaged or not a database of this program, or when the database is in use.
pub fn restore(path: &Path, from: &Path) -> Result<Option<PathBuf>, Error> {
    database(Some(path)).restore_from(from)
}

/// Why no request of a write was carried out.
enum Rejection {
    /// The request at this position of an atomic write was refused.
    Refused(usize, Refusal),
    Failed(Error),
}

impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<rusqlite::Error> for Rejection {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Carries out requests in one transaction. A refused request needs no savepoint, because a request
/// is decided before any of its rows is written.
fn carry_out(
    tx: &WriteTx<'_>,
    requests: Vec<Request>,
    mode: Mode,
) -> Result<Vec<Result<Effect, StoreError>>, Rejection> {
    let mut results = Vec::with_capacity(requests.len());
    for request in requests {
        let loaded = apply::load(tx, request.command.needs())?;
        match decide(request, loaded) {
            Ok(effect) => {
                apply::apply(tx, &effect)?;
                results.push(Ok(effect));
            }
            Err(refusal) if mode == Mode::Each => results.push(Err(refusal.into())),
            Err(refusal) => return Err(Rejection::Refused(results.len(), refusal)),
        }
    }
    Ok(results)
}

/// The result of each request after no request was carried out.
fn rejected(rejection: Rejection, requests: usize) -> Vec<Result<Effect, StoreError>> {
    match rejection {
        Rejection::Refused(at, refusal) => {
            let mut results = vec![Err(Refusal::Together.into()); requests];
            results[at] = Err(refusal.into());
            results
        }
        Rejection::Failed(error) => vec![Err(failed(error)); requests],
    }
}

fn database(path: Option<&Path>) -> sabr_sqlite::Options {
    let database = match path {
        Some(path) => Database::options(path),
        None => Database::in_memory(),
    };
    database
        .application_id(APPLICATION_ID)
        .migrations(MIGRATIONS)
}

#[async_trait]
impl Store for SqliteStore {
    async fn write(&self, requests: Vec<Request>, mode: Mode) -> Vec<Result<Effect, StoreError>> {
        let count = requests.len();
        let written = self.db.write(move |tx| carry_out(tx, requests, mode)).await;
        let results = written.unwrap_or_else(|rejection| rejected(rejection, count));
        if results.iter().any(Result::is_ok) {
            self.commits.send_modify(|commits| *commits += 1);
        }
        results
    }

    async fn list_todos(
        &self,
        completed: Option<bool>,
        slice: Slice,
    ) -> Result<Page<Todo>, StoreError> {
        let read = move |db: &Connection| Ok(todos::list(db, completed, slice)?);
        self.read_page(slice.limit, read).await
    }

    async fn read_todo(&self, id: TodoId) -> Result<Todo, StoreError> {
        let read = move |db: &Connection| {
            let found = todos::find(db, id)?;
            found.ok_or(Failure::Refused(Refusal::TodoNotFound(id)))
        };
        self.read(read).await
    }

    async fn read_todos(&self, ids: Vec<TodoId>) -> Result<Vec<Todo>, StoreError> {
        self.read(move |db| Ok(todos::read_some(db, &ids)?)).await
    }

    async fn list_items_of(&self, todo_id: TodoId, slice: Slice) -> Result<Page<Item>, StoreError> {
        let read = move |db: &Connection| {
            if !todos::exists(db, todo_id)? {
                return Err(Failure::Refused(Refusal::TodoNotFound(todo_id)));
            }
            Ok(items::list_of(db, todo_id, slice)?)
        };
        self.read_page(slice.limit, read).await
    }

    async fn list_items(&self, slice: Slice) -> Result<Page<Item>, StoreError> {
        let read = move |db: &Connection| Ok(items::list(db, slice)?);
        self.read_page(slice.limit, read).await
    }

    async fn read_item(&self, id: ItemId) -> Result<Item, StoreError> {
        let read = move |db: &Connection| {
            let found = items::find(db, id)?;
            found.ok_or(Failure::Refused(Refusal::ItemNotFound(id)))
        };
        self.read(read).await
    }

    async fn changes(&self, after: Option<LogPosition>) -> Result<Changes, StoreError> {
        self.read(move |db| Ok(change_log::list(db, after)?)).await
    }

    fn commits(&self) -> u64 {
        *self.commits.borrow()
    }

    async fn committed_after(&self, seen: u64) -> u64 {
        let mut commits = self.commits.subscribe();
        let more = commits.wait_for(|commits| *commits > seen).await;
        // The error is not possible: this store owns the sender, so the channel is open.
        more.map_or(seen, |commits| *commits)
    }

    async fn list_users(&self) -> Result<Vec<User>, StoreError> {
        self.read(|db| Ok(users::list(db)?)).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.db.check().await.map_err(failed)
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.db.close_now().await.map_err(failed)
    }
}
