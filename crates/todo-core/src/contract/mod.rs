//! The contract suite that every store must pass. It compares the store with the [`Model`], which
//! carries out the same requests in memory.

mod history;
mod model;

use crate::{Changes, Effect, Event, Item, LogPosition, Mode, Slice, Store, StoreError, Todo};

pub use history::{History, Write};
pub use model::Model;

/// Carries out a random history on an empty store. Compares every result and the final data with
/// the model. The same seed gives the same history.
///
/// # Panics
///
/// When the store differs from the model.
pub async fn random_history(store: &dyn Store, seed: u64, writes: usize) {
    let mut model = Model::default();
    let mut history = History::new(seed);
    let begun = end_of_log(store).await;
    for _ in 0..writes {
        let (requests, mode) = history.next_write();
        let expected = model.write(requests.clone(), mode);
        let results = store.write(requests.clone(), mode).await;
        let results: Vec<_> = results.into_iter().map(refusals_only).collect();
        assert_eq!(results, expected, "seed {seed}: {requests:#?} {mode:?}");
    }
    compare_lists(store, &model).await;
    compare_log(store, begun, &model).await;
}

/// Checks that an atomic write is carried out as a whole or not at all. The store must be empty.
///
/// # Panics
///
/// When the store carries out a part of an atomic write, or returns other results than the model.
pub async fn atomic_writes(store: &dyn Store) {
    let mut model = Model::default();
    let refused = history::refused_after_a_creation();
    for (mode, kept) in [(Mode::Atomic, 0), (Mode::Each, 1)] {
        let expected = model.write(refused.clone(), mode);
        let results = store.write(refused.clone(), mode).await;
        let results: Vec<_> = results.into_iter().map(refusals_only).collect();
        assert_eq!(results, expected);
        assert_eq!(all_todos(store).await.len(), kept);
    }
}

fn refusals_only(result: Result<Effect, StoreError>) -> Result<Effect, crate::Refusal> {
    result.map_err(|error| match error {
        StoreError::Refused(refusal) => refusal,
        error => panic!("the store failed: {error}"),
    })
}

async fn end_of_log(store: &dyn Store) -> LogPosition {
    match store.changes(None).await.unwrap_or_else(failed) {
        Changes::Forgotten { last } => last,
        changes => panic!("not the end of the log: {changes:?}"),
    }
}

fn failed<T>(error: StoreError) -> T {
    panic!("the store failed: {error}")
}

/// All todos, read in pages of three.
async fn all_todos(store: &dyn Store) -> Vec<Todo> {
    let (mut todos, mut after) = (Vec::new(), None);
    loop {
        let slice = Slice { after, limit: 3 };
        let page = store.list_todos(None, slice).await.unwrap_or_else(failed);
        todos.extend(page.entries);
        after = page.next;
        if after.is_none() {
            return todos;
        }
    }
}

async fn items_of(store: &dyn Store, todo: &Todo) -> Vec<Item> {
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let slice = Slice { after, limit: 3 };
        let page = store
            .list_items_of(todo.id, slice)
            .await
            .unwrap_or_else(failed);
        items.extend(page.entries);
        after = page.next;
        if after.is_none() {
            return items;
        }
    }
}

async fn compare_lists(store: &dyn Store, model: &Model) {
    let todos = all_todos(store).await;
    assert_eq!(todos, model.todos());
    for todo in &todos {
        assert_eq!(items_of(store, todo).await, model.items_of(todo.id));
        assert_eq!(&store.read_todo(todo.id).await.unwrap_or_else(failed), todo);
    }
}

/// Checks that the log has the entries of the model, each with the present state of its object.
async fn compare_log(store: &dyn Store, begun: LogPosition, model: &Model) {
    let (mut events, mut position) = (Vec::new(), begun);
    loop {
        let read = store.changes(Some(position)).await.unwrap_or_else(failed);
        let Changes::Since { changes, more } = read else {
            panic!("the log forgot {position:?}");
        };
        position = changes.last().map_or(position, |change| change.position);
        events.extend(changes.into_iter().map(|change| change.event));
        if !more {
            break;
        }
    }
    let mut expected = model.events();
    sort_deletions(&mut events);
    sort_deletions(&mut expected);
    assert_eq!(events, expected);
}

/// Sorts neighbouring deletions by id. Why: one command may delete several todos, and log them in
/// any order.
fn sort_deletions(events: &mut [Option<Event>]) {
    let deleted = |event: &Option<Event>| match event {
        Some(Event::TodoDeleted(id)) => Some(*id),
        _ => None,
    };
    let runs = events.chunk_by_mut(|one, next| deleted(one).is_some() && deleted(next).is_some());
    for run in runs {
        run.sort_by_key(deleted);
    }
}
