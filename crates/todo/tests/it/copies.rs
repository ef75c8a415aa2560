//! `todo backup`, `todo restore`, and the files that the service accepts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use sabr_sqlite::rusqlite::Connection;
use serde_json::json;

use crate::process::{Process, command};
use crate::server::{Client, Server};

fn run(arguments: &[&str], database: &Path) -> Output {
    command()
        .args(arguments)
        .arg("--database")
        .arg(database)
        .output()
        .unwrap()
}

#[track_caller]
fn done(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn failed(output: &Output, words: &str) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains(words), "{errors}");
}

async fn add(address: &str, title: &str) {
    let client = Client::new(address.to_owned());
    client
        .post("/todos", &json!({ "title": title }))
        .await
        .expect(201);
}

async fn titles(database: &Path) -> Vec<String> {
    let server = Server::on(database.to_owned()).await;
    let todos = server.client.get("/todos").await.expect(200).json();
    let todos = todos.as_array().unwrap().iter();
    let titles = todos
        .map(|todo| todo["title"].as_str().unwrap().to_owned())
        .collect();
    server.stop().await;
    titles
}

#[tokio::test]
async fn a_running_service_is_backed_up_and_a_stopped_one_restored() {
    let folder = tempfile::tempdir().unwrap();
    let (database, backup) = (
        folder.path().join("todo.db"),
        folder.path().join("backup.db"),
    );
    let to = backup.to_str().unwrap();
    let process = Process::start(&database, &[]);
    add(&process.address, "early").await;
    assert!(done(&run(&["backup", to], &database)).starts_with("backed up "));
    add(&process.address, "late").await;
    failed(&run(&["backup", to], &database), "replace it with --force");
    failed(&run(&["restore", to], &database), "stop the service");
    add(&process.address, "still served").await;
    process.kill();

    let said = done(&run(&["restore", to], &database));
    assert!(said.contains("beside it as todo.db.replaced-1"), "{said}");
    assert_eq!(titles(&database).await, ["early"]);
    let former = folder.path().join("todo.db.replaced-1");
    assert_eq!(titles(&former).await, ["early", "late", "still served"]);
    done(&run(&["backup", "--force", to], &former));
    assert_eq!(titles(&backup).await, ["early", "late", "still served"]);
}

#[test]
fn copies_that_cannot_be_are_answered_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let missing = folder.path().join("missing.db");
    failed(
        &run(&["backup", &at("x.db")], &missing),
        "there is no database; check the path",
    );
    failed(&run(&["restore", &at("x.db")], &missing), "x.db");
    let theirs = folder.path().join("theirs.db");
    Connection::open(&theirs)
        .unwrap()
        .execute_batch("CREATE TABLE recipes (name)")
        .unwrap();
    failed(
        &run(&["backup", &at("x.db")], &theirs),
        "belongs to another program",
    );
    failed(
        &run(&["restore", &at("theirs.db")], &missing),
        "belongs to another program",
    );
    failed(
        &run(&["restore", &at("theirs.db")], &missing),
        "cannot restore ",
    );
    let memory = run(&["backup", &at("x.db")], Path::new(":memory:"));
    assert!(String::from_utf8_lossy(&memory.stderr).contains("no copies"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// A database of a few pages.
fn database_in(folder: &Path) -> PathBuf {
    let path = folder.join("whole.db");
    let process = Process::start(&path, &[]);
    process.signal("TERM");
    let (status, _, log) = process.end();
    assert!(status.success(), "{log}");
    path
}

#[test]
fn a_damaged_file_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let whole = database_in(folder.path());
    let bytes = fs::read(&whole).unwrap();
    let new = folder.path().join("new.db");
    for (name, bytes) in [
        ("cut.db", &bytes[..20_000]),
        (
            "overwritten.db",
            &[&bytes[..100], &[0xA5; 8_000], &bytes[8_100..]].concat(),
        ),
    ] {
        let damaged = folder.path().join(name);
        fs::write(&damaged, bytes).unwrap();
        let advice = "so use a backup that is not";
        let restored = run(&["restore", damaged.to_str().unwrap()], &new);
        failed(&restored, name);
        failed(&restored, advice);
        let started = run(&["--port", "0"], &damaged);
        failed(&started, name);
        failed(&started, advice);
        assert_eq!(fs::read(&damaged).unwrap(), bytes);
    }
    assert!(!new.exists());
}

#[test]
fn a_backup_needs_the_name_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let whole = database_in(folder.path());
    let target = format!("{}/", folder.path().join("missing").display());
    failed(
        &run(&["backup", &target], &whole),
        "that names a folder; name a file in it",
    );
    assert!(!folder.path().join("missing").exists());
}

/// A copy made by `cp` instead of `todo backup`.
#[tokio::test]
async fn a_copied_file_has_all_tables_and_an_empty_one_is_not_taken_for_a_new_list() {
    let folder = tempfile::tempdir().unwrap();
    let (database, copy) = (folder.path().join("todo.db"), folder.path().join("copy.db"));
    let process = Process::start(&database, &[]);
    std::fs::copy(&database, &copy).unwrap();
    let mut opened = Process::start(&copy, &[]);
    opened.log_until(&format!("opened {}", copy.display()));
    opened.kill();
    add(&process.address, "in the WAL").await;
    process.kill();
    // The database file is missing or truncated, and its WAL still has the latest writes.
    std::fs::write(&database, "").unwrap();
    let database = database.to_str().unwrap();
    let output = command()
        .args(["--port", "0", "--database", database])
        .output()
        .unwrap();
    failed(&output, "may hold data");
    let mut made = Process::start(&folder.path().join("new.db"), &[]);
    made.log_until("created ");
    made.kill();
}

/// The database has the tables of the first version of this program.
#[tokio::test]
async fn a_database_of_an_earlier_version_keeps_its_todos() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    let conn = Connection::open(&database).unwrap();
    conn.execute_batch(
        "PRAGMA journal_mode = wal;
         CREATE TABLE sabr_migrations (
             position   INTEGER NOT NULL PRIMARY KEY,
             name       TEXT    NOT NULL UNIQUE,
             sql        TEXT    NOT NULL,
             applied_at TEXT    NOT NULL DEFAULT CURRENT_TIMESTAMP
         ) STRICT",
    )
    .unwrap();
    let migrations = [
        (
            "0001_todos",
            include_str!("../../../todo-sqlite/src/migrations/0001_todos.sql"),
        ),
        (
            "0002_changes",
            include_str!("../../../todo-sqlite/src/migrations/0002_changes.sql"),
        ),
    ];
    for (position, (name, sql)) in (0..).zip(migrations) {
        conn.execute_batch(sql).unwrap();
        let row: (i64, &str, &str) = (position, name, sql);
        let insert = "INSERT INTO sabr_migrations (position, name, sql) VALUES (?1, ?2, ?3)";
        conn.execute(insert, row).unwrap();
    }
    conn.execute_batch(
        "INSERT INTO todos VALUES (x'019a0000000070008000000000000002', 'kept', NULL, NULL, 1, 0, 0);
         INSERT INTO changes (kind, todo_id)
         VALUES ('todo created', x'019a0000000070008000000000000002'), ('reset', NULL)",
    )
    .unwrap();
    drop(conn);
    assert_eq!(titles(&database).await, ["kept"]);
    let conn = Connection::open(&database).unwrap();
    let log = conn
        .prepare("SELECT kind, count(DISTINCT tag) FROM changes GROUP BY kind ORDER BY kind")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<Vec<(i64, i64)>, _>>();
    assert_eq!(log.unwrap(), [(1, 1), (7, 2)]);
}
