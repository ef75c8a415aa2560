//! Panics in the caller's code, and files that cannot be written.

use std::panic::panic_any;
use std::time::Duration;

use futures_util::future::join_all;
use sabr_sqlite::{Database, Error};
use tracing::{Event, Metadata, Subscriber, span};

use crate::database::{hold, in_folder, insert, open, queued, texts};

/// A subscriber that panics at every event. One whose output is closed may do that.
struct PanickingLog;

impl Subscriber for PanickingLog {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, _: &Event<'_>) {
        panic!("the log panics");
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn a_log_that_panics_does_not_end_the_writer() {
    // Why global: the writer logs on its own thread. So the other tests of this process use this
    // subscriber too.
    let _ = tracing::subscriber::set_global_default(PanickingLog);
    let folder = tempfile::tempdir().unwrap();
    let db = in_folder(&folder)
        .busy_timeout(Duration::ZERO)
        .open()
        .unwrap();
    let other = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert!(insert(&db, "locked out").await.unwrap_err().is_busy());
    other.execute_batch("COMMIT").unwrap();
    insert(&db, "let in").await.unwrap();
    let panicked = db.write::<(), Error, _>(|_| panic!("on purpose")).await;
    assert!(panicked.unwrap_err().is_panicked());
    let panicked = db.read::<(), Error, _>(|_| panic!("on purpose")).await;
    assert!(panicked.unwrap_err().is_panicked());
    assert_eq!(texts(&db).await, ["let in"]);
    assert_eq!(db.statistics().restarts, 0);
    db.close().await.unwrap();
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("on purpose");
        }
    }
}

/// An error type whose conversion panics.
#[derive(Debug)]
struct Unconvertible;

impl From<Error> for Unconvertible {
    fn from(_: Error) -> Self {
        panic!("on purpose");
    }
}

/// One database in a file, and one in memory.
fn databases(folder: &tempfile::TempDir) -> [Database; 2] {
    let memory = Database::in_memory().migrations(crate::database::MIGRATIONS);
    [in_folder(folder).open().unwrap(), memory.open().unwrap()]
}

#[tokio::test]
async fn a_panic_whose_payload_panics_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    for db in databases(&folder) {
        let write = db.write::<(), Error, _>(|_| panic_any(Bomb)).await;
        assert!(write.unwrap_err().is_panicked());
        let read = db.read::<(), Error, _>(|_| panic_any(Bomb)).await;
        assert!(read.unwrap_err().is_panicked());
        let read = db.read_long::<(), Error, _>(|_| panic_any(Bomb)).await;
        assert!(read.unwrap_err().is_panicked());
        insert(&db, "next").await.unwrap();
        assert_eq!(db.statistics().restarts, 0);
    }
}

#[tokio::test]
async fn a_closure_whose_drop_panics_is_answered_whether_it_ran_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let db = in_folder(&folder)
        .busy_timeout(Duration::ZERO)
        .open()
        .unwrap();
    let other = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
    let write = |bomb: Bomb| {
        db.write(move |_| {
            let _bomb = bomb;
            Ok::<_, Error>(())
        })
    };
    assert!(write(Bomb).await.unwrap_err().is_panicked());
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert!(write(Bomb).await.unwrap_err().is_busy());
    other.execute_batch("COMMIT").unwrap();
    insert(&db, "next").await.unwrap();
    assert_eq!(db.statistics().restarts, 0);
}

#[tokio::test]
async fn an_error_whose_conversion_panics_costs_only_its_own_caller() {
    let (db, _folder) = open();
    let held = hold(&db).await;
    let caller = {
        let db = db.clone();
        tokio::spawn(async move {
            db.write::<(), Unconvertible, _>(|_| panic!("on purpose"))
                .await
        })
    };
    queued(&db, 1).await;
    let innocent = {
        let db = db.clone();
        tokio::spawn(async move { insert(&db, "innocent").await })
    };
    queued(&db, 2).await;
    held.release().await;
    innocent.await.unwrap().unwrap();
    assert!(caller.await.unwrap_err().is_panic());
    assert_eq!(db.statistics().restarts, 0);
}

#[tokio::test]
async fn all_who_wait_for_a_locked_database_are_told_together() {
    let folder = tempfile::tempdir().unwrap();
    let db = in_folder(&folder)
        .batch_size(1)
        .busy_timeout(Duration::from_millis(200))
        .open()
        .unwrap();
    let other = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for refused in join_all(["a", "b", "c"].map(|text| insert(&db, text))).await {
        assert!(refused.unwrap_err().is_busy());
    }
    assert_eq!(db.statistics().failed_commits, 1);
    other.execute_batch("COMMIT").unwrap();
    insert(&db, "d").await.unwrap();
}

#[tokio::test]
async fn a_database_that_another_program_uses_alone_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let options = || in_folder(&folder).busy_timeout(Duration::ZERO);
    options().open().unwrap().close().await.unwrap();
    let other = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
    let alone = "PRAGMA locking_mode = exclusive; BEGIN EXCLUSIVE; COMMIT";
    other.execute_batch(alone).unwrap();
    let error = options().open().unwrap_err();
    assert!(error.is_busy(), "{error}");
    assert!(error.to_string().contains("another program"), "{error}");
}

#[tokio::test]
async fn a_read_that_writes_is_read_only() {
    let (db, _folder) = open();
    let write = |conn: &rusqlite::Connection| {
        Ok::<_, Error>(conn.execute("INSERT INTO notes VALUES ('never')", [])?)
    };
    assert!(db.read(write).await.unwrap_err().is_read_only());
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_gone_takes_no_writes_until_it_is_back() {
    let (db, folder) = open();
    insert(&db, "before").await.unwrap();
    for name in ["test.db", "test.db-wal"] {
        let (path, away) = (folder.path().join(name), folder.path().join("away"));
        std::fs::rename(&path, &away).unwrap();
        let error = insert(&db, "lost").await.unwrap_err();
        assert!(error.is_moved(), "{error}");
        // A copy in its place is another file, so writes must still be refused.
        std::fs::copy(&away, &path).unwrap();
        assert!(insert(&db, "lost").await.unwrap_err().is_moved());
        std::fs::rename(&away, &path).unwrap();
        insert(&db, name).await.unwrap();
    }
    assert_eq!(texts(&db).await, ["before", "test.db", "test.db-wal"]);
    db.close().await.unwrap();
}

#[tokio::test]
async fn closing_a_locked_database_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let db = in_folder(&folder)
        .busy_timeout(Duration::ZERO)
        .open()
        .unwrap();
    insert(&db, "kept").await.unwrap();
    let other = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    db.close().await.unwrap();
    drop(other);
    let again = in_folder(&folder).open().unwrap();
    assert_eq!(texts(&again).await, ["kept"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_close_after_the_file_was_replaced_leaves_the_wal_as_it_is() {
    let (db, folder) = open();
    insert(&db, "kept").await.unwrap();
    let path = folder.path().join("test.db");
    std::fs::copy(&path, folder.path().join("copy")).unwrap();
    std::fs::rename(folder.path().join("copy"), &path).unwrap();
    db.close().await.unwrap();
    let db = in_folder(&folder).open().unwrap();
    assert_eq!(texts(&db).await, ["kept"]);
    db.close().await.unwrap();
}
