//! The store on SQLite: each command is one closure on the writer or on a reader.

mod changes;
mod items;
mod row;
#[cfg(test)]
mod tests;
mod todos;
mod users;

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use sabr::wait;
use sabr_sqlite::rusqlite::{self, Connection};
use sabr_sqlite::{Database, IfExists, Migration, Statistics, WriteTx};

use tokio::sync::watch;

use super::{Replaced, Store, StoreError};
use crate::domain::{
    Changes, Draft, Item, ItemDraft, ItemId, ItemPatch, LogPosition, Page, Patch, Precondition,
    Slice, Todo, TodoId, User,
};

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

/// Where and how the database is kept.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// The file, made if it is missing; `None` keeps everything in memory, for as long as the
    /// process lives.
    pub path: Option<PathBuf>,
    /// How many waiting writes share one commit at the most; 1 gives each its own.
    pub batch_size: usize,
    /// How long a write waits for another program's lock.
    pub lock_timeout: Duration,
}

impl Default for SqliteOptions {
    /// In memory, with up to 256 writes per commit, which wait for a lock for up to 5 seconds.
    fn default() -> Self {
        Self {
            path: None,
            batch_size: 256,
            lock_timeout: Duration::from_secs(5),
        }
    }
}

/// Todos in an SQLite database, with group-committed durable writes.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    db: Database,
    /// Told after each commit.
    changed: watch::Sender<()>,
}

impl SqliteStore {
    /// Opens the database, and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// When the file can't be opened or created, is not a database of this program, or was written
    /// by a newer version. Such a file is not changed.
    pub fn open(options: &SqliteOptions) -> Result<Self, sabr_sqlite::Error> {
        let db = database(options.path.as_deref())
            .batch_size(options.batch_size)
            .busy_timeout(options.lock_timeout)
            .open()?;
        let changed = watch::Sender::default();
        Ok(Self { db, changed })
    }

    /// Reads a page: in place when it is short, which takes some tens of microseconds (`sabr-sqlite`'s
    /// example `read_placement` measures it), and else where it may take its time.
    async fn read_page<T: Send + 'static>(
        &self,
        limit: u32,
        read: impl Fn(&Connection) -> Result<Page<T>, StoreError> + Send + 'static,
    ) -> Result<Page<T>, StoreError> {
        if limit <= 100 {
            self.read(read).await
        } else {
            wait("db read", self.db.read_long(read)).await
        }
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl Fn(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        wait("db read", self.db.read(read)).await
    }

    async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&WriteTx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let written = wait("db write", self.db.write(write)).await?;
        self.changed.send_replace(());
        Ok(written)
    }

    /// Whether opening created the database.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.db.is_new()
    }

    /// What the database has done since it was opened.
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
/// When there is no database of this program, or the backup can't be written.
pub fn backup(path: &Path, to: &Path, exists: IfExists) -> Result<(), sabr_sqlite::Error> {
    database(Some(path)).backup_to(to, exists)
}

/// Replaces the database by a backup, and returns the new name of the former database; see
/// [`sabr_sqlite::Options::restore_from`].
///
/// # Errors
///
/// When the backup is damaged or not of this program, or the database is in use.
pub fn restore(path: &Path, from: &Path) -> Result<Option<PathBuf>, sabr_sqlite::Error> {
    database(Some(path)).restore_from(from)
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
    async fn create_todo(
        &self,
        id: TodoId,
        draft: Draft,
        now: Timestamp,
    ) -> Result<Todo, StoreError> {
        self.write(move |tx| todos::create(tx, id, draft, now))
            .await
    }

    async fn list_todos(
        &self,
        completed: Option<bool>,
        slice: Slice,
    ) -> Result<Page<Todo>, StoreError> {
        let read = move |db: &Connection| todos::list(db, completed, slice);
        self.read_page(slice.limit, read).await
    }

    async fn read_todo(&self, id: TodoId) -> Result<Todo, StoreError> {
        self.read(move |db| todos::read(db, id)).await
    }

    async fn read_todos(&self, ids: Vec<TodoId>) -> Result<Vec<Todo>, StoreError> {
        self.read(move |db| todos::read_some(db, &ids)).await
    }

    async fn change_todo(
        &self,
        id: TodoId,
        patch: Patch,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Todo, StoreError> {
        self.write(move |tx| todos::change(tx, id, patch, precondition, now))
            .await
    }

    async fn replace_todo(
        &self,
        id: TodoId,
        draft: Draft,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Replaced<Todo>, StoreError> {
        self.write(move |tx| todos::replace(tx, id, draft, precondition, now))
            .await
    }

    async fn delete_todo(&self, id: TodoId, precondition: Precondition) -> Result<(), StoreError> {
        self.write(move |tx| todos::delete(tx, id, precondition))
            .await
    }

    async fn delete_todos(&self, completed: Option<bool>) -> Result<usize, StoreError> {
        self.write(move |tx| todos::delete_all(tx, completed)).await
    }

    async fn create_item(
        &self,
        id: ItemId,
        todo_id: TodoId,
        draft: ItemDraft,
        now: Timestamp,
    ) -> Result<Item, StoreError> {
        self.write(move |tx| items::create(tx, id, todo_id, draft, now))
            .await
    }

    async fn list_items_of(&self, todo_id: TodoId, slice: Slice) -> Result<Page<Item>, StoreError> {
        let read = move |db: &Connection| items::list_of(db, todo_id, slice);
        self.read_page(slice.limit, read).await
    }

    async fn list_items(&self, slice: Slice) -> Result<Page<Item>, StoreError> {
        let read = move |db: &Connection| items::list(db, slice);
        self.read_page(slice.limit, read).await
    }

    async fn read_item(&self, id: ItemId) -> Result<Item, StoreError> {
        self.read(move |db| items::read(db, id)).await
    }

    async fn change_item(
        &self,
        id: ItemId,
        patch: ItemPatch,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Item, StoreError> {
        self.write(move |tx| items::change(tx, id, patch, precondition, now))
            .await
    }

    async fn replace_item(
        &self,
        id: ItemId,
        todo_id: TodoId,
        draft: ItemDraft,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Replaced<Item>, StoreError> {
        self.write(move |tx| items::replace(tx, id, todo_id, draft, precondition, now))
            .await
    }

    async fn delete_item(&self, id: ItemId, precondition: Precondition) -> Result<(), StoreError> {
        self.write(move |tx| items::delete(tx, id, precondition))
            .await
    }

    async fn changes(&self, after: Option<LogPosition>) -> Result<Changes, StoreError> {
        self.read(move |db| changes::list(db, after)).await
    }

    fn changed(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    async fn list_users(&self) -> Result<Vec<User>, StoreError> {
        self.read(users::list).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(self.db.check().await?)
    }

    async fn close(&self) -> Result<(), StoreError> {
        Ok(self.db.close().await?)
    }
}

/// Lets a write go on if its precondition holds. `taken` is the error where the target must not
/// exist.
fn require(precondition: Precondition, exists: bool, taken: StoreError) -> Result<(), StoreError> {
    match precondition {
        _ if precondition.holds(exists) => Ok(()),
        Precondition::Absent => Err(taken),
        _ => Err(StoreError::PreconditionFailed),
    }
}

impl From<sabr_sqlite::Error> for StoreError {
    fn from(error: sabr_sqlite::Error) -> Self {
        if error.is_overloaded() {
            Self::Overloaded
        } else if error.is_busy() {
            Self::Locked
        } else if error.is_full() {
            Self::Full
        } else if error.is_moved() {
            Self::Moved(error.into())
        } else if error.is_corrupt() {
            Self::Damaged(error.into())
        } else if error.is_read_only() {
            Self::ReadOnly(error.into())
        } else {
            Self::Failed(error.into())
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        sabr_sqlite::Error::from(error).into()
    }
}
