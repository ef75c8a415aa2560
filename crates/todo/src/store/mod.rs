//! Where todos are kept.
//!
//! [`Store`] is the one door to them. Each of its methods is one command: it runs in one
//! transaction, and when a writing one answers `Ok`, what it wrote is on disk.

mod delayed;
mod error;
mod sqlite;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::domain::{
    Changes, Draft, Item, ItemDraft, ItemId, ItemPatch, LogPosition, Page, Patch, Precondition,
    Slice, Todo, TodoId, User,
};

pub use delayed::Delayed;
pub use error::StoreError;
pub use sabr_sqlite::IfExists;
pub use sqlite::{SqliteOptions, SqliteStore, backup, restore};

/// Whether replacing something found it.
#[derive(Clone, Debug, PartialEq)]
pub enum Replaced<T> {
    /// There was none under this id; now there is.
    Created(T),
    /// The one there was is now this one.
    Updated(T),
}

/// The commands that the service runs on its database.
///
/// A command whose future is dropped before it answered may still be carried out.
///
/// # Errors
///
/// Every method fails with [`StoreError`]: with `TodoNotFound` or `ItemNotFound` when what it
/// names is not there; with `TodoExists`, `ItemExists` or `PreconditionFailed` when its
/// precondition does not hold; with `Overloaded` when too many commands wait; with `Locked` or
/// `Full` when the database cannot take a write right now; and otherwise as the database failed.
#[async_trait]
pub trait Store: std::fmt::Debug + Send + Sync + 'static {
    /// Adds a todo, by default behind all others; `TodoExists` when its id is taken.
    async fn create_todo(
        &self,
        id: TodoId,
        draft: Draft,
        now: Timestamp,
    ) -> Result<Todo, StoreError>;

    /// One page of the todos, in order; of all of them, or of those that are (not) completed.
    async fn list_todos(
        &self,
        completed: Option<bool>,
        slice: Slice,
    ) -> Result<Page<Todo>, StoreError>;

    /// One todo.
    async fn read_todo(&self, id: TodoId) -> Result<Todo, StoreError>;

    /// The existing ones of these todos, in this order: the rest of a page.
    async fn read_todos(&self, ids: Vec<TodoId>) -> Result<Vec<Todo>, StoreError>;

    /// Changes some fields of a todo.
    async fn change_todo(
        &self,
        id: TodoId,
        patch: Patch,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Todo, StoreError>;

    /// Replaces a todo, or creates it under this id.
    async fn replace_todo(
        &self,
        id: TodoId,
        draft: Draft,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Replaced<Todo>, StoreError>;

    /// Deletes a todo and its checklist.
    async fn delete_todo(&self, id: TodoId, precondition: Precondition) -> Result<(), StoreError>;

    /// Deletes all todos, or those that are (not) completed; answers how many there were.
    async fn delete_todos(&self, completed: Option<bool>) -> Result<usize, StoreError>;

    /// Adds an item to a todo's checklist, by default behind all others; `ChecklistFull` when it
    /// has [`Item::PER_TODO_MAX`] already, `ItemExists` when its id is taken.
    async fn create_item(
        &self,
        id: ItemId,
        todo_id: TodoId,
        draft: ItemDraft,
        now: Timestamp,
    ) -> Result<Item, StoreError>;

    /// One page of a todo's checklist, in order.
    async fn list_items_of(&self, todo_id: TodoId, slice: Slice) -> Result<Page<Item>, StoreError>;

    /// One page of the items of all todos, oldest first.
    async fn list_items(&self, slice: Slice) -> Result<Page<Item>, StoreError>;

    /// One item.
    async fn read_item(&self, id: ItemId) -> Result<Item, StoreError>;

    /// Changes some fields of an item.
    async fn change_item(
        &self,
        id: ItemId,
        patch: ItemPatch,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Item, StoreError>;

    /// Replaces an item, or creates it under this id; `ChecklistFull` as when it is created. An item of another
    /// todo's checklist moves to this one's, by default behind all others.
    async fn replace_item(
        &self,
        id: ItemId,
        todo_id: TodoId,
        draft: ItemDraft,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Replaced<Item>, StoreError>;

    /// Deletes an item.
    async fn delete_item(&self, id: ItemId, precondition: Precondition) -> Result<(), StoreError>;

    /// What was changed after a position in the change log, at most [`Changes::AT_ONCE`] entries; without a
    /// position, where the log ends.
    async fn changes(&self, after: Option<LogPosition>) -> Result<Changes, StoreError>;

    /// Told when this process has changed something. What others have changed is found by asking.
    fn changed(&self) -> watch::Receiver<()>;

    /// The people who use the service, at most [`Slice::LIMIT_MAX`] of them, by name.
    async fn list_users(&self) -> Result<Vec<User>, StoreError>;

    /// Checks whether writes can be carried out now. Fails as a write would.
    async fn check(&self) -> Result<(), StoreError>;

    /// Finishes what was begun, brings everything to its final place on disk, and refuses all
    /// that comes after.
    async fn close(&self) -> Result<(), StoreError>;
}
