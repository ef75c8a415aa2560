//! Runs the contract suite of all stores on this store.

use todo_core::contract;

use crate::{SqliteOptions, SqliteStore};

fn store() -> SqliteStore {
    SqliteStore::open(&SqliteOptions::default()).unwrap()
}

#[tokio::test]
async fn the_store_does_what_the_rules_say_in_any_history() {
    for seed in 0..20 {
        contract::random_history(&store(), seed, 200).await;
    }
}

#[tokio::test]
async fn an_atomic_write_is_carried_out_as_a_whole_or_not_at_all() {
    contract::atomic_writes(&store()).await;
}
