//! A store that records its statements, and a full run of the store's commands.

use std::time::Duration;

use jiff::Timestamp;
use parking_lot::Mutex;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::{Connection, StatementStatus};
use sabr_sqlite::{Database, Error};
use tempfile::TempDir;
use todo_core::{
    ChangeItem, ChangeTodo, Changes, ClearTodos, CreateItem, CreateTodo, DeleteItem, DeleteTodo,
    Draft, ItemDraft, ItemId, ItemPatch, Operation, Patch, Position, Precondition, ReplaceItem,
    ReplaceTodo, Slice, Store, StoreError, Title, TodoId, write_one,
};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{MIGRATIONS, SqliteStore};

/// One execution of a statement.
#[derive(Clone, Debug)]
pub(super) struct Execution {
    pub(super) sql: String,
    /// How often this prepared statement was executed.
    pub(super) runs: i32,
    /// How often SQLite prepared the statement again.
    pub(super) prepared_anew: i32,
    /// The steps of SQLite's virtual machine, summed over all executions.
    pub(super) steps: i32,
}

static EXECUTED: Mutex<Vec<Execution>> = Mutex::new(Vec::new());
/// Held by the test that is recording, because all tests share [`EXECUTED`].
pub(super) static RECORDING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn record(conn: &mut Connection) -> rusqlite::Result<()> {
    let note = |event: TraceEvent<'_>| {
        if let TraceEvent::Profile(statement, _) = event {
            EXECUTED.lock().push(Execution {
                sql: plain(&statement.sql()),
                runs: statement.get_status(StatementStatus::Run),
                prepared_anew: statement.get_status(StatementStatus::RePrepare),
                steps: statement.get_status(StatementStatus::VmStep),
            });
        }
    };
    conn.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(note))
}

/// The statements since the last call, without those that begin and end transactions.
pub(super) fn executed() -> Vec<Execution> {
    let mut executed = std::mem::take(&mut *EXECUTED.lock());
    executed.retain(|execution| is_of_the_store(&execution.sql));
    executed
}

pub(super) fn is_of_the_store(sql: &str) -> bool {
    ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"]
        .iter()
        .any(|verb| sql.starts_with(verb))
}

/// The statement on one line.
pub(super) fn plain(sql: &str) -> String {
    sql.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn open(folder: &TempDir) -> SqliteStore {
    let options = Database::options(path(folder)).migrations(MIGRATIONS);
    // The budget is so large that no read exceeds it and is repeated on a thread.
    let options = options.read_budget(Duration::from_hours(1));
    SqliteStore {
        db: options.readers(1).on_open(record).open().unwrap(),
        commits: watch::Sender::default(),
    }
}

pub(super) fn path(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("todo.db")
}

/// Adds `todos` todos with one item each, and as many entries of the change log. Only the last todo
/// is completed.
pub(super) async fn fill(store: &SqliteStore, todos: i64) {
    let filled = store.db.write(move |tx| {
        tx.execute_batch(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {todos})
             INSERT INTO todos SELECT randomblob(16), 'one of many', NULL,
                CASE WHEN i = {todos} THEN 1 END, i / 10, 1, 1 FROM n;
             INSERT INTO items SELECT randomblob(16), id, 'a step', NULL, 1, 1, 1 FROM todos;
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {todos})
             INSERT INTO changes (kind) SELECT 7 FROM n;",
        ))?;
        Ok::<_, Error>(())
    });
    filled.await.unwrap();
}

fn slice(after: Option<Position>, limit: u32) -> Slice {
    Slice { after, limit }
}

/// Runs every command of the store except [`ClearTodos`].
pub(super) async fn run_every_command(store: &SqliteStore) {
    let position = store.changes(None).await.unwrap();
    let Changes::Forgotten { last: begun } = position else {
        panic!("{position:?}");
    };
    let todo = TodoId(Uuid::from_u128(1));
    let item = ItemId(Uuid::from_u128(2));
    let (create, draft) = (
        CreateTodo {
            id: todo,
            draft: draft(),
        },
        draft(),
    );
    write(store, create.clone()).await.unwrap();
    write(store, create).await.unwrap_err();
    store.read_todo(todo).await.unwrap();
    store.read_todos(vec![todo]).await.unwrap();
    let patch = Patch::default();
    write(store, ChangeTodo { id: todo, patch }).await.unwrap();
    write(store, ReplaceTodo { id: todo, draft }).await.unwrap();
    for completed in [None, Some(false), Some(true)] {
        let first = store.list_todos(completed, slice(None, 10)).await.unwrap();
        let next = slice(first.next, 10);
        store.list_todos(completed, next).await.unwrap();
        store
            .list_todos(completed, slice(None, 1_000))
            .await
            .unwrap();
    }
    run_every_command_on_items(store, item, todo).await;
    store.changes(Some(begun)).await.unwrap();
    write(store, DeleteItem { id: item }).await.unwrap();
    write(store, DeleteTodo { id: todo }).await.unwrap();
    store.list_users().await.unwrap();
    store.check().await.unwrap();
}

async fn run_every_command_on_items(store: &SqliteStore, item: ItemId, todo: TodoId) {
    let draft = || ItemDraft {
        title: title(),
        completed: false,
        order: None,
    };
    let create = CreateItem {
        id: item,
        todo_id: todo,
        draft: draft(),
    };
    write(store, create).await.unwrap();
    store.read_item(item).await.unwrap();
    let patch = ItemPatch::default();
    write(store, ChangeItem { id: item, patch }).await.unwrap();
    let replace = ReplaceItem {
        id: item,
        todo_id: todo,
        draft: draft(),
    };
    write(store, replace).await.unwrap();
    store.list_items_of(todo, slice(None, 10)).await.unwrap();
    store.list_items(slice(None, 10)).await.unwrap();
}

fn title() -> Title {
    Title::parse("a title").unwrap()
}

fn draft() -> Draft {
    Draft {
        title: title(),
        notes: None,
        completed: false,
        order: None,
    }
}

async fn write<O: Operation>(store: &SqliteStore, operation: O) -> Result<O::Outcome, StoreError> {
    let now = Timestamp::from_millisecond(1).unwrap();
    write_one(store, operation, Precondition::None, now).await
}

pub(super) async fn delete_all(store: &SqliteStore) {
    // The first run deletes more todos than `Changes::DELETED_MAX`, and is logged as a reset.
    for completed in [None, Some(true), Some(false), None] {
        fill(store, 3).await;
        write(store, ClearTodos { completed }).await.unwrap();
    }
}

pub(super) async fn analyze(store: &SqliteStore) {
    let analysed = store
        .db
        .write(|tx| Ok::<_, Error>(tx.execute_batch("ANALYZE")?));
    analysed.await.unwrap();
}
