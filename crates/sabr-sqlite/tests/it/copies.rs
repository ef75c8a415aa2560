//! Backup and restore.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use sabr_sqlite::{Database, Error, IfExists, rusqlite};

use crate::database::{MIGRATIONS, insert, texts};
use crate::identity::{files, marked, mode, names, set_mode};

async fn texts_in(path: &Path) -> Vec<String> {
    let db = marked(path).open().unwrap();
    let texts = texts(&db).await;
    db.close().await.unwrap();
    texts
}

async fn make(path: &Path) {
    marked(path).open().unwrap().close().await.unwrap();
}

#[track_caller]
fn fails<T: std::fmt::Debug>(result: Result<T, Error>, words: &str) {
    let error = result.unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_taken_while_the_database_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (
        folder.path().join("todo.db"),
        folder.path().join("backup.db"),
    );
    let db = marked(&path).open().unwrap();
    insert(&db, "before").await.unwrap();
    let writing = {
        let db = db.clone();
        tokio::spawn(async move {
            for n in 0.. {
                insert(&db, &n.to_string()).await.unwrap();
            }
        })
    };
    let written = db.statistics().writes;
    let backing_up = marked(&path);
    let to = backup.clone();
    let done = tokio::task::spawn_blocking(move || backing_up.backup_to(to, IfExists::Refuse));
    done.await.unwrap().unwrap();
    // Writes still succeed after the backup.
    while db.statistics().writes == written {
        tokio::task::yield_now().await;
    }
    writing.abort();
    assert_eq!(mode(&backup), 0o600);
    let mut found = texts_in(&backup).await;
    assert_eq!(found.pop().as_deref(), Some("before"));
    let mut numbers: Vec<usize> = found.iter().map(|text| text.parse().unwrap()).collect();
    numbers.sort_unstable();
    assert!(numbers.iter().copied().eq(0..numbers.len()));
}

/// So a backup can be read in a read-only folder.
#[test]
fn a_backup_is_one_file_that_needs_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (
        folder.path().join("todo.db"),
        folder.path().join("backup.db"),
    );
    let _db = marked(&path).open().unwrap();
    marked(&path).backup_to(&backup, IfExists::Refuse).unwrap();
    let conn = Connection::open(&backup).unwrap();
    let mode: String = conn
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "delete");
    assert!(!names(&folder).iter().any(|name| name.contains("partial")));
}

#[tokio::test]
async fn a_backup_replaces_a_file_only_when_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (
        folder.path().join("todo.db"),
        folder.path().join("backup.db"),
    );
    make(&path).await;
    fs::write(&backup, "precious").unwrap();
    let refused = marked(&path)
        .backup_to(&backup, IfExists::Refuse)
        .unwrap_err();
    assert!(refused.is_existing(), "{refused}");
    assert_eq!(fs::read(&backup).unwrap(), b"precious");
    marked(&path).backup_to(&backup, IfExists::Replace).unwrap();
    marked(&backup).open().unwrap();
}

#[tokio::test]
async fn backups_that_cannot_be_are_refused_and_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let db = marked(&at("todo.db")).open().unwrap();
    insert(&db, "kept").await.unwrap();
    drop(
        Connection::open(at("their.db"))
            .unwrap()
            .execute_batch("CREATE TABLE recipes (x)"),
    );
    fs::write(at("used.db"), "").unwrap();
    fs::write(at("used.db-wal"), "in use").unwrap();
    fs::create_dir(at("folder")).unwrap();
    let before = files(&folder);
    let backup = |from: &str, to: &str| marked(&at(from)).backup_to(at(to), IfExists::Replace);
    fails(backup("missing.db", "new.db"), "there is no database");
    fails(backup("their.db", "new.db"), "belongs to another program");
    fails(
        backup("todo.db", "todo.db"),
        "a file of the database itself",
    );
    fails(
        backup("todo.db", "todo.db-wal"),
        "a file of the database itself",
    );
    fails(
        backup("todo.db", "todo.db-journal"),
        "a file of the database itself",
    );
    fails(backup("todo.db", "used.db"), "a database in use");
    fails(backup("todo.db", "folder"), "not a regular file");
    fails(backup("todo.db", "no/folder/x.db"), "its folder exists");
    let memory = Database::in_memory().migrations(MIGRATIONS);
    fails(
        memory.backup_to(at("new.db"), IfExists::Refuse),
        "in memory",
    );
    let newer = Database::options(at("todo.db")).application_id(9);
    fails(
        newer.backup_to(at("new.db"), IfExists::Refuse),
        "belongs to another program",
    );
    assert_eq!(files(&folder), before);
}

#[tokio::test]
async fn a_restore_puts_the_backup_in_place_and_keeps_the_former_database() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (
        folder.path().join("todo.db"),
        folder.path().join("backup.db"),
    );
    let db = marked(&path).open().unwrap();
    insert(&db, "early").await.unwrap();
    marked(&path).backup_to(&backup, IfExists::Refuse).unwrap();
    insert(&db, "late").await.unwrap();
    db.close().await.unwrap();
    set_mode(&path, 0o640);
    let kept = marked(&path).restore_from(&backup).unwrap().unwrap();
    assert_eq!(
        kept,
        fs::canonicalize(folder.path())
            .unwrap()
            .join("todo.db.replaced-1")
    );
    assert_eq!(
        names(&folder),
        ["backup.db", "todo.db", "todo.db.replaced-1"]
    );
    assert_eq!(mode(&path), 0o640);
    assert_eq!(texts_in(&path).await, ["early"]);
    assert_eq!(texts_in(&kept).await, ["early", "late"]);
    let again = marked(&path).restore_from(&kept).unwrap().unwrap();
    assert!(again.ends_with("todo.db.replaced-2"));
    assert_eq!(texts_in(&path).await, ["early", "late"]);
}

/// A killed service leaves a WAL. Its content must be kept with the former database, and must not
/// be applied to the backup.
#[tokio::test]
async fn a_restore_keeps_what_is_in_the_wal() {
    let folder = tempfile::tempdir().unwrap();
    let live = tempfile::tempdir().unwrap();
    let (path, backup) = (
        folder.path().join("todo.db"),
        folder.path().join("backup.db"),
    );
    let living = live.path().join("todo.db");
    let db = marked(&living).open().unwrap();
    marked(&living)
        .backup_to(&backup, IfExists::Refuse)
        .unwrap();
    insert(&db, "only in the WAL").await.unwrap();
    for name in ["todo.db", "todo.db-wal", "todo.db-shm"] {
        fs::copy(live.path().join(name), folder.path().join(name)).unwrap();
    }
    let kept = marked(&path).restore_from(&backup).unwrap().unwrap();
    assert_eq!(texts_in(&path).await, [""; 0]);
    assert_eq!(texts_in(&kept).await, ["only in the WAL"]);
}

#[tokio::test]
async fn a_restore_is_refused_while_the_database_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (
        folder.path().join("todo.db"),
        folder.path().join("backup.db"),
    );
    let db = marked(&path).open().unwrap();
    marked(&path).backup_to(&backup, IfExists::Refuse).unwrap();
    insert(&db, "kept").await.unwrap();
    let before = files(&folder);
    fails(marked(&path).restore_from(&backup), "stop the service");
    assert_eq!(
        names(&folder),
        before
            .keys()
            .map(|path| { path.file_name().unwrap().to_str().unwrap().to_owned() })
            .collect::<Vec<_>>()
    );
    insert(&db, "still written").await.unwrap();
    assert_eq!(texts(&db).await, ["kept", "still written"]);
}

/// Why: the WAL of a lost database may be the only copy of its data.
#[tokio::test]
async fn a_restore_moves_a_wal_without_its_database_aside() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (
        folder.path().join("todo.db"),
        folder.path().join("backup.db"),
    );
    make(&backup).await;
    for is_there in [false, true] {
        if is_there {
            fs::write(&path, "").unwrap();
        } else {
            let _ = fs::remove_file(&path);
        }
        fs::write(folder.path().join("todo.db-wal"), "all that is left").unwrap();
        let kept = marked(&path).restore_from(&backup).unwrap().unwrap();
        let mut wal = kept.into_os_string();
        wal.push("-wal");
        assert_eq!(fs::read(wal).unwrap(), b"all that is left");
        assert_eq!(texts_in(&path).await, [""; 0]);
    }
}

#[tokio::test]
async fn a_restore_repairs_a_database_that_lost_its_tables() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (
        folder.path().join("todo.db"),
        folder.path().join("backup.db"),
    );
    make(&backup).await;
    let conn = Connection::open(&path).unwrap();
    conn.pragma_update(None, "journal_mode", "wal").unwrap();
    drop(conn);
    assert!(marked(&path).open().unwrap_err().is_refused());
    assert!(marked(&path).restore_from(&backup).unwrap().is_some());
    marked(&path).open().unwrap();
}

#[tokio::test]
async fn restores_that_cannot_be_are_refused_and_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let db = marked(&at("todo.db")).open().unwrap();
    insert(&db, "kept").await.unwrap();
    db.close().await.unwrap();
    drop(
        Connection::open(at("their.db"))
            .unwrap()
            .execute_batch("CREATE TABLE recipes (x)"),
    );
    fs::write(at("empty.db"), "").unwrap();
    fs::write(at("letter.txt"), "no database ".repeat(100)).unwrap();
    let db = marked(&at("damaged.db")).open().unwrap();
    for n in 0..300 {
        insert(&db, &format!("{n:0200}")).await.unwrap();
    }
    db.close().await.unwrap();
    let mut bytes = fs::read(at("damaged.db")).unwrap();
    let length = bytes.len();
    bytes[length / 2..].fill(0x55);
    fs::write(at("damaged.db"), bytes).unwrap();
    marked(&at("todo.db"))
        .backup_to(at("good.db"), IfExists::Refuse)
        .unwrap();
    let before = files(&folder);
    let restore = |to: &str, from: &str| marked(&at(to)).restore_from(at(from));
    fails(restore("todo.db", "missing.db"), "check the path");
    fails(restore("todo.db", "their.db"), "belongs to another program");
    fails(restore("todo.db", "empty.db"), "empty");
    fails(restore("todo.db", "letter.txt"), "not an SQLite database");
    fails(restore("todo.db", "damaged.db"), "damaged");
    fails(restore("todo.db", "todo.db"), "same file");
    fails(restore("their.db", "good.db"), "belongs to another program");
    fails(restore("letter.txt", "good.db"), "not an SQLite database");
    assert_eq!(files(&folder), before);
}
