//! Checks the query plans of the store's statements. It records every statement that a full run of
//! the store's commands executes.

mod contract;
mod recorded;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use rusqlite::Connection;
use todo_core::Store;

use self::recorded::{
    RECORDING, analyze, delete_all, executed, fill, is_of_the_store, open, path, plain,
    run_every_command,
};

/// The statements that scan a table or an index, and why each is bounded all the same.
const SCANS: &[(&str, &str)] = &[
    (
        "SELECT position FROM todos ORDER BY position DESC LIMIT 1",
        "the last entry of an index",
    ),
    (
        "SELECT number, tag FROM changes ORDER BY number DESC LIMIT 1",
        "the last row",
    ),
    (
        "SELECT id, name FROM users ORDER BY name LIMIT ?1",
        "a page, in the order of an index",
    ),
    (
        "SELECT 1 FROM todos LIMIT 1 OFFSET ?1",
        "skips at most Changes::DELETED_MAX entries of an index",
    ),
    (
        "SELECT 1 FROM todos WHERE completed_at IS NULL LIMIT 1 OFFSET ?1",
        "skips at most Changes::DELETED_MAX entries of an index of these alone",
    ),
    (
        "SELECT 1 FROM todos WHERE completed_at IS NOT NULL LIMIT 1 OFFSET ?1",
        "skips at most Changes::DELETED_MAX entries of an index of these alone",
    ),
    (
        "INSERT INTO changes (kind, todo_id) SELECT ?1, id FROM todos",
        "only if there are at most Changes::DELETED_MAX",
    ),
    (
        "INSERT INTO changes (kind, todo_id) SELECT ?1, id FROM todos WHERE completed_at IS NULL",
        "only if there are at most Changes::DELETED_MAX, by an index of these alone",
    ),
    (
        "INSERT INTO changes (kind, todo_id) SELECT ?1, id FROM todos WHERE completed_at IS NOT NULL",
        "only if there are at most Changes::DELETED_MAX, by an index of these alone",
    ),
    ("DELETE FROM todos", "deletes what it reads"),
    (
        "DELETE FROM todos WHERE completed_at IS NULL",
        "deletes what it reads, by an index of these alone",
    ),
    (
        "DELETE FROM todos WHERE completed_at IS NOT NULL",
        "deletes what it reads, by an index of these alone",
    ),
];

/// The steps of the statement's query plan that are not a search by an index.
fn scans(conn: &Connection, sql: &str) -> Vec<String> {
    let mut plan = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let details = plan.raw_query().mapped(|row| row.get::<_, String>(3));
    let details = details.collect::<Result<Vec<_>, _>>().unwrap();
    let is_bounded = |detail: &String| {
        detail.starts_with("SEARCH ")
            || detail.starts_with("SCALAR SUBQUERY")
            || detail == "SCAN CONSTANT ROW"
    };
    details
        .into_iter()
        .filter(|step| !is_bounded(step))
        .collect()
}

#[tokio::test]
async fn every_statement_is_bounded_by_an_index_and_a_page() {
    let _recording = RECORDING.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    fill(&store, 2_000).await;
    executed();
    run_every_command(&store).await;
    analyze(&store).await;
    // The plans are checked with statistics of many todos, of which only one is completed.
    let conn = Connection::open(path(&folder)).unwrap();
    delete_all(&store).await;
    let statements: BTreeSet<_> = executed()
        .into_iter()
        .map(|execution| execution.sql)
        .collect();
    let written: BTreeSet<_> = sources().iter().flat_map(|text| literals(text)).collect();
    let forgotten: Vec<_> = written.difference(&statements).collect();
    assert!(forgotten.is_empty(), "not executed here: {forgotten:#?}");
    for sql in &written {
        let scans = scans(&conn, sql);
        let excused = SCANS.iter().any(|(scan, _)| scan == sql);
        assert_eq!(scans.is_empty(), !excused, "{sql}\n{scans:#?}");
        let sorts = scans.iter().any(|detail| detail.contains("TEMP B-TREE"));
        assert!(!sorts, "{sql}\n{scans:#?}");
    }
}

/// The text of each source file outside of the tests.
fn sources() -> Vec<String> {
    let mut folders = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                texts.push(fs::read_to_string(path).unwrap());
            }
        }
    }
    texts
}

/// The statements in the text of a source file.
fn literals(source: &str) -> Vec<String> {
    let texts = source.split('"').skip(1).step_by(2);
    texts
        .map(plain)
        .filter(|text| is_of_the_store(text))
        .collect()
}

#[tokio::test]
async fn no_statement_is_prepared_twice() {
    let _recording = RECORDING.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    fill(&store, 100).await;
    analyze(&store).await;
    store.close().await.unwrap();
    // The database has statistics now, as after `PRAGMA optimize`.
    let store = open(&folder);
    run_every_command(&store).await;
    executed();
    for _ in 0..3 {
        run_every_command(&store).await;
    }
    for execution in executed() {
        // The log is trimmed at every 256th number, and the first number is the time. So a run may
        // or may not trim.
        if execution.sql.starts_with("DELETE FROM changes ") {
            continue;
        }
        assert!(execution.runs > 1, "not cached: {execution:?}");
        assert_eq!(execution.prepared_anew, 0, "{execution:?}");
    }
}

/// Compares the steps of SQLite's virtual machine with few and with many todos. Why: a search by an
/// index may still read many rows, which the query plan does not show.
#[tokio::test]
async fn no_statement_takes_more_steps_when_there_is_more() {
    let _recording = RECORDING.lock().await;
    let few = steps(1_500).await;
    let many = steps(30_000).await;
    for (sql, few) in few {
        // Not every run trims the change log.
        if let Some(many) = many.get(&sql) {
            assert!(*many < few + 200, "{few} with few, {many} with many: {sql}");
        }
    }
}

/// The steps of each statement in one run of all commands, with this many todos.
async fn steps(todos: i64) -> BTreeMap<String, i32> {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder);
    fill(&store, todos).await;
    executed();
    run_every_command(&store).await;
    // SQLite's counts are sums over all executions of a statement, so the last one is the highest.
    let executed = executed().into_iter();
    executed
        .map(|execution| (execution.sql, execution.steps))
        .collect()
}
