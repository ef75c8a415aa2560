use std::sync::Arc;
use std::time::Duration;

use sabr::wait;
use todo_core::{Slice, Store, StoreError};
use todo_sqlite::{SqliteOptions, SqliteStore};
use tokio::time::sleep;

use crate::LabError;

/// The real store with a delay, so that its calls take as long as those of a distant database.
#[derive(Clone, Debug)]
pub(super) struct Database {
    store: Arc<dyn Store>,
    delay: Duration,
}

impl Database {
    /// Opens the store. Each call waits for `delay` before it begins.
    pub(super) fn open(options: &SqliteOptions, delay: Duration) -> Result<Self, LabError> {
        let store = Arc::new(SqliteStore::open(options)?);
        Ok(Self { store, delay })
    }

    /// The number of todos, up to 10.
    pub(super) async fn count_todos(&self) -> Result<usize, StoreError> {
        let slice = Slice {
            after: None,
            limit: 10,
        };
        let call = async {
            sleep(self.delay).await;
            self.store.list_todos(None, slice).await
        };
        Ok(wait("database", call).await?.entries.len())
    }

    /// Whether there is a user who can log in.
    pub(super) async fn has_users(&self) -> bool {
        let call = async {
            sleep(self.delay).await;
            self.store.list_users().await
        };
        wait("database", call)
            .await
            .is_ok_and(|users| !users.is_empty())
    }

    pub(super) async fn close(&self) -> Result<(), StoreError> {
        self.store.close().await
    }
}
