//! What a store of todos must do.

mod error;

use async_trait::async_trait;

use crate::{
    Changes, Effect, Item, ItemId, LogPosition, Operation, Page, Precondition, Request, Slice,
    Todo, TodoId, User,
};

pub use error::StoreError;
use jiff::Timestamp;

/// Whether the requests of one write depend on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each request is carried out or refused by itself.
    Each,
    /// All requests are carried out in one transaction, or none is.
    Atomic,
}

/// The database of the service.
///
/// A write may still be carried out if its future is dropped before it is ready.
///
/// # Errors
///
/// Every method fails with a [`StoreError`]: with `Refused` if a rule of the domain forbids the
/// command, with `Overloaded` if too many calls are waiting, with `Locked` or `Full` if the
/// database cannot accept a write at the moment, and otherwise with the error of the database.
#[async_trait]
pub trait Store: std::fmt::Debug + Send + Sync + 'static {
    /// Carries out the requests in order. Returns one result for each request, in the same order. A
    /// request whose result is `Ok` is on disk, with its entry in the change log.
    async fn write(&self, requests: Vec<Request>, mode: Mode) -> Vec<Result<Effect, StoreError>>;

    /// One page of the todos, in order. `completed` selects the todos that are completed, or those
    /// that are not; `None` selects all.
    async fn list_todos(
        &self,
        completed: Option<bool>,
        slice: Slice,
    ) -> Result<Page<Todo>, StoreError>;

    /// One todo.
    async fn read_todo(&self, id: TodoId) -> Result<Todo, StoreError>;

    /// The todos with these ids, in the order of the ids. Ids that do not exist are left out. For
    /// the [rest](Page::rest) of a page.
    async fn read_todos(&self, ids: Vec<TodoId>) -> Result<Vec<Todo>, StoreError>;

    /// One page of a todo's checklist, in order.
    async fn list_items_of(&self, todo_id: TodoId, slice: Slice) -> Result<Page<Item>, StoreError>;

    /// One page of the items of all todos, oldest first.
    async fn list_items(&self, slice: Slice) -> Result<Page<Item>, StoreError>;

    /// One item.
    async fn read_item(&self, id: ItemId) -> Result<Item, StoreError>;

    /// The changes after a position in the change log, at most [`Changes::AT_ONCE`]. Without a
    /// position, [`Changes::Forgotten`] with the end of the log.
    async fn changes(&self, after: Option<LogPosition>) -> Result<Changes, StoreError>;

    /// How many calls of [`write`](Self::write) in this process have committed something.
    fn commits(&self) -> u64;

    /// Waits until [`commits`](Self::commits) is greater than `seen`, and returns it. Writes of
    /// other processes do not count. Only a read finds them.
    async fn committed_after(&self, seen: u64) -> u64;

    /// The people who use the service, at most [`Slice::LIMIT_MAX`], by name.
    async fn list_users(&self) -> Result<Vec<User>, StoreError>;

    /// Checks whether writes can be carried out now. Fails as a write would.
    async fn check(&self) -> Result<(), StoreError>;

    /// Finishes the running writes, fails the waiting ones, moves the write-ahead log into the
    /// database, and refuses all later calls. Called when no request waits for a write any more.
    async fn close(&self) -> Result<(), StoreError>;
}

/// Carries out one operation. It is on disk when this returns `Ok`.
///
/// # Errors
///
/// See [`Store`].
pub async fn write_one<O: Operation>(
    store: &dyn Store,
    operation: O,
    precondition: Precondition,
    now: Timestamp,
) -> Result<O::Outcome, StoreError> {
    let request = Request {
        command: operation.into(),
        precondition,
        now,
    };
    let mut results = store.write(vec![request], Mode::Each).await;
    let effect = results.pop().ok_or(StoreError::NoResult)??;
    O::outcome(effect).ok_or(StoreError::NoResult)
}
