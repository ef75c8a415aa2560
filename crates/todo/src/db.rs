//! The service's access to its store.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sabr::wait;
use todo_core::{
    Changes, Item, ItemId, LogPosition, Operation, Page, Precondition, Slice, Store, StoreError,
    Todo, TodoId, User, write_one,
};

/// The store. The ledger shows its calls as named waits.
///
/// With a delay, every call first sleeps, as if the database were slow. The sleep is a timer and
/// holds no thread, so any number of calls can sleep at the same time.
#[derive(Clone, Debug)]
pub struct Db {
    store: Arc<dyn Store>,
    delay: Duration,
}

impl Db {
    /// Access to this store, without a delay.
    pub fn new(store: impl Store) -> Self {
        Self {
            store: Arc::new(store),
            delay: Duration::ZERO,
        }
    }

    /// Adds a delay before every call, except [`check`](Self::check) and [`close`](Self::close).
    #[must_use]
    pub fn with_delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    async fn call<T>(&self, name: &'static str, call: impl Future<Output = T>) -> T {
        let call = wait(name, call);
        if self.delay.is_zero() {
            return call.await;
        }
        let delayed = async {
            tokio::time::sleep(self.delay).await;
            call.await
        };
        wait("slow db", delayed).await
    }

    async fn read<T>(&self, call: impl Future<Output = T>) -> T {
        self.call("db read", call).await
    }

    /// Carries out a write. It is on disk when this returns `Ok`.
    ///
    /// # Errors
    ///
    /// See [`Store`].
    pub async fn write<O: Operation>(
        &self,
        operation: O,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<O::Outcome, StoreError> {
        let write = write_one(&*self.store, operation, precondition, now);
        self.call("db write", write).await
    }

    /// See [`Store::list_todos`].
    ///
    /// # Errors
    ///
    /// See [`Store`].
    pub async fn list_todos(
        &self,
        completed: Option<bool>,
        slice: Slice,
    ) -> Result<Page<Todo>, StoreError> {
        self.read(self.store.list_todos(completed, slice)).await
    }

    /// See [`Store::read_todo`].
    ///
    /// # Errors
    ///
    /// See [`Store`].
    pub async fn read_todo(&self, id: TodoId) -> Result<Todo, StoreError> {
        self.read(self.store.read_todo(id)).await
    }

    /// See [`Store::read_todos`].
    ///
    /// # Errors
    ///
    /// See [`Store`].
    pub async fn read_todos(&self, ids: Vec<TodoId>) -> Result<Vec<Todo>, StoreError> {
        self.read(self.store.read_todos(ids)).await
    }

    /// See [`Store::list_items_of`].
    ///
    /// # Errors
    ///
    /// See [`Store`].
    pub async fn list_items_of(
        &self,
        todo_id: TodoId,
        slice: Slice,
    ) -> Result<Page<Item>, StoreError> {
        self.read(self.store.list_items_of(todo_id, slice)).await
    }

    /// See [`Store::list_items`].
    ///
    /// # Errors
    ///
    /// See [`Store`].
    pub async fn list_items(&self, slice: Slice) -> Result<Page<Item>, StoreError> {
        self.read(self.store.list_items(slice)).await
    }

    /// See [`Store::read_item`].
    ///
    /// # Errors
    ///
    /// See [`Store`].
    pub async fn read_item(&self, id: ItemId) -> Result<Item, StoreError> {
        self.read(self.store.read_item(id)).await
    }

    /// See [`Store::changes`].
    ///
    /// # Errors
    ///
    /// See [`Store`].
    pub async fn changes(&self, after: Option<LogPosition>) -> Result<Changes, StoreError> {
        self.read(self.store.changes(after)).await
    }

    /// See [`Store::list_users`].
    ///
    /// # Errors
    ///
    /// See [`Store`].
    pub async fn list_users(&self) -> Result<Vec<User>, StoreError> {
        self.read(self.store.list_users()).await
    }

    /// See [`Store::commits`].
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.store.commits()
    }

    /// See [`Store::committed_after`].
    pub async fn committed_after(&self, seen: u64) -> u64 {
        self.store.committed_after(seen).await
    }

    /// See [`Store::check`]. Runs without the delay, because a slow database is ready too.
    ///
    /// # Errors
    ///
    /// See [`Store`].
    pub async fn check(&self) -> Result<(), StoreError> {
        self.store.check().await
    }

    /// See [`Store::close`]. Runs without the delay, which is for requests only.
    ///
    /// # Errors
    ///
    /// See [`Store`].
    pub async fn close(&self) -> Result<(), StoreError> {
        self.store.close().await
    }
}
