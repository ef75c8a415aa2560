use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use sabr::wait;
use tokio::sync::watch;

use super::{Replaced, Store, StoreError};
use crate::domain::{
    Changes, Draft, Item, ItemDraft, ItemId, ItemPatch, LogPosition, Page, Patch, Precondition,
    Slice, Todo, TodoId, User,
};

/// A store that takes its time: every command waits before it begins, as it would on the way to
/// a slow database. The wait holds no thread, so any number of commands wait at once.
#[derive(Debug)]
pub struct Delayed<S> {
    store: S,
    delay: Duration,
}

impl<S: Store> Delayed<S> {
    /// Lets every command of `store` wait for `delay` before it begins.
    pub fn new(store: S, delay: Duration) -> Self {
        Self { store, delay }
    }

    async fn delayed<T>(&self, command: impl Future<Output = T>) -> T {
        let delayed = async {
            tokio::time::sleep(self.delay).await;
            command.await
        };
        wait("slow db", delayed).await
    }
}

#[async_trait]
impl<S: Store> Store for Delayed<S> {
    async fn create_todo(
        &self,
        id: TodoId,
        draft: Draft,
        now: Timestamp,
    ) -> Result<Todo, StoreError> {
        self.delayed(self.store.create_todo(id, draft, now)).await
    }

    async fn list_todos(
        &self,
        completed: Option<bool>,
        slice: Slice,
    ) -> Result<Page<Todo>, StoreError> {
        self.delayed(self.store.list_todos(completed, slice)).await
    }

    async fn read_todo(&self, id: TodoId) -> Result<Todo, StoreError> {
        self.delayed(self.store.read_todo(id)).await
    }

    async fn read_todos(&self, ids: Vec<TodoId>) -> Result<Vec<Todo>, StoreError> {
        self.delayed(self.store.read_todos(ids)).await
    }

    async fn change_todo(
        &self,
        id: TodoId,
        patch: Patch,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Todo, StoreError> {
        self.delayed(self.store.change_todo(id, patch, precondition, now))
            .await
    }

    async fn replace_todo(
        &self,
        id: TodoId,
        draft: Draft,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Replaced<Todo>, StoreError> {
        self.delayed(self.store.replace_todo(id, draft, precondition, now))
            .await
    }

    async fn delete_todo(&self, id: TodoId, precondition: Precondition) -> Result<(), StoreError> {
        self.delayed(self.store.delete_todo(id, precondition)).await
    }

    async fn delete_todos(&self, completed: Option<bool>) -> Result<usize, StoreError> {
        self.delayed(self.store.delete_todos(completed)).await
    }

    async fn create_item(
        &self,
        id: ItemId,
        todo_id: TodoId,
        draft: ItemDraft,
        now: Timestamp,
    ) -> Result<Item, StoreError> {
        self.delayed(self.store.create_item(id, todo_id, draft, now))
            .await
    }

    async fn list_items_of(&self, todo_id: TodoId, slice: Slice) -> Result<Page<Item>, StoreError> {
        self.delayed(self.store.list_items_of(todo_id, slice)).await
    }

    async fn list_items(&self, slice: Slice) -> Result<Page<Item>, StoreError> {
        self.delayed(self.store.list_items(slice)).await
    }

    async fn read_item(&self, id: ItemId) -> Result<Item, StoreError> {
        self.delayed(self.store.read_item(id)).await
    }

    async fn change_item(
        &self,
        id: ItemId,
        patch: ItemPatch,
        precondition: Precondition,
        now: Timestamp,
    ) -> Result<Item, StoreError> {
        self.delayed(self.store.change_item(id, patch, precondition, now))
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
        self.delayed(
            self.store
                .replace_item(id, todo_id, draft, precondition, now),
        )
        .await
    }

    async fn delete_item(&self, id: ItemId, precondition: Precondition) -> Result<(), StoreError> {
        self.delayed(self.store.delete_item(id, precondition)).await
    }

    async fn changes(&self, after: Option<LogPosition>) -> Result<Changes, StoreError> {
        self.delayed(self.store.changes(after)).await
    }

    fn changed(&self) -> watch::Receiver<()> {
        self.store.changed()
    }

    async fn list_users(&self) -> Result<Vec<User>, StoreError> {
        self.delayed(self.store.list_users()).await
    }

    /// A slow database is as ready as a fast one, so this does not wait.
    async fn check(&self) -> Result<(), StoreError> {
        self.store.check().await
    }

    /// Closing is no call to the database: it does not wait.
    async fn close(&self) -> Result<(), StoreError> {
        self.store.close().await
    }
}
