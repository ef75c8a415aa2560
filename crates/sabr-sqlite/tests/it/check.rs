use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use sabr_sqlite::{Database, Error};
use tempfile::TempDir;

use crate::database::{MIGRATIONS, hold, in_folder, insert, open, queued, texts};

#[tokio::test]
async fn a_database_that_takes_writes_passes_without_one() {
    let (db, folder) = open();
    insert(&db, "x").await.unwrap();
    let log = folder.path().join("test.db-wal");
    let length = || std::fs::metadata(&log).unwrap().len();
    let before = length();
    for _ in 0..10 {
        db.check().await.unwrap();
    }
    assert_eq!(length(), before);
    assert_eq!(db.statistics().writes, 1);
    let memory = Database::in_memory().migrations(MIGRATIONS).open().unwrap();
    memory.check().await.unwrap();
}

#[tokio::test]
async fn checks_at_the_same_time_are_one_call() {
    let (db, _folder) = open();
    let held = hold(&db).await;
    let checks: Vec<_> = (0..100)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { db.check().await })
        })
        .collect();
    queued(&db, 1).await;
    // When this spawned task has run, all tasks spawned before it have been polled.
    tokio::spawn(async {}).await.unwrap();
    assert_eq!(db.statistics().queue_length, 1);
    held.release().await;
    for check in join_all(checks).await {
        check.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_locked_database_is_reported_until_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let db = in_folder(&folder)
        .busy_timeout(Duration::ZERO)
        .open()
        .unwrap();
    let other = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for _ in 0..3 {
        assert!(db.check().await.unwrap_err().is_busy());
    }
    other.execute_batch("COMMIT").unwrap();
    db.check().await.unwrap();
}

#[tokio::test]
async fn a_check_whose_caller_left_serves_the_next() {
    let (db, _folder) = open();
    let held = hold(&db).await;
    let mut first = Box::pin(db.check());
    assert!(futures_util::poll!(&mut first).is_pending());
    drop(first);
    let second = db.clone();
    let second = tokio::spawn(async move { second.check().await });
    tokio::task::yield_now().await;
    assert_eq!(db.statistics().queue_length, 1);
    held.release().await;
    second.await.unwrap().unwrap();
}

/// Inserts rows, closes the database so that all data is in one file, and opens it again.
async fn reopened_with_rows(folder: &TempDir, rows: u32) -> Database {
    let db = in_folder(folder).open().unwrap();
    db.write(move |tx| {
        for n in 0..rows {
            tx.execute("INSERT INTO notes VALUES (?1 || hex(zeroblob(100)))", [n])?;
        }
        Ok::<_, Error>(())
    })
    .await
    .unwrap();
    db.close().await.unwrap();
    in_folder(folder).open().unwrap()
}

fn overwrite(path: &Path, from: u64, bytes: usize) -> File {
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(from)).unwrap();
    file.write_all(&vec![0xA5; bytes]).unwrap();
    file
}

#[tokio::test]
async fn damage_is_reported_wherever_it_is() {
    for (from, bytes) in [
        (0, 100),
        (0, 4096),
        (20 * 4096, 4096),
        (10 * 4096, 40 * 4096),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let db = reopened_with_rows(&folder, 2_000).await;
        drop(overwrite(&folder.path().join("test.db"), from, bytes));
        let error = db.check().await.unwrap_err();
        assert!(error.is_corrupt(), "{from}: {error}");
    }
}

#[tokio::test]
async fn a_file_that_was_cut_short_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let db = reopened_with_rows(&folder, 2_000).await;
    let file = overwrite(&folder.path().join("test.db"), 0, 0);
    file.set_len(5 * 4096).unwrap();
    assert!(db.check().await.unwrap_err().is_corrupt());
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_gone_is_reported_until_it_is_back() {
    let (db, folder) = open();
    let (path, away) = (folder.path().join("test.db"), folder.path().join("away"));
    std::fs::rename(&path, &away).unwrap();
    assert!(db.check().await.unwrap_err().is_moved());
    std::fs::rename(&away, &path).unwrap();
    db.check().await.unwrap();
}

#[tokio::test]
async fn a_database_that_is_closed_is_not_writable() {
    let (db, _folder) = open();
    db.close().await.unwrap();
    assert!(db.check().await.unwrap_err().is_closed());
    assert!(db.check().await.unwrap_err().is_closed());
}

/// A deferred constraint fails at the commit. This also rolls back the check in that transaction,
/// but the check must not report a failure.
#[tokio::test]
async fn what_another_write_did_wrong_is_not_held_against_the_database() {
    let (db, _folder) = open();
    db.write(|tx| {
        tx.execute_batch(
            "CREATE TABLE parents (id INTEGER PRIMARY KEY);
             CREATE TABLE children (
                 parent INTEGER REFERENCES parents DEFERRABLE INITIALLY DEFERRED
             );",
        )?;
        Ok::<_, Error>(())
    })
    .await
    .unwrap();
    let held = hold(&db).await;
    let orphan = {
        let db = db.clone();
        tokio::spawn(async move {
            db.write(|tx| Ok::<_, Error>(tx.execute("INSERT INTO children VALUES (7)", [])?))
                .await
        })
    };
    let check = {
        let db = db.clone();
        tokio::spawn(async move { db.check().await })
    };
    queued(&db, 2).await;
    held.fail().await;
    assert!(orphan.await.unwrap().unwrap_err().is_commit_failed());
    check.await.unwrap().unwrap();
    // Why: after a failed commit, the next check writes.
    db.check().await.unwrap();
    insert(&db, "x").await.unwrap();
}

#[tokio::test]
async fn known_damage_refuses_writes_until_it_is_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let db = reopened_with_rows(&folder, 2_000).await;
    let path = folder.path().join("test.db");
    let whole = std::fs::read(&path).unwrap();
    drop(overwrite(&path, 20 * 4096, 4096));
    assert!(db.check().await.unwrap_err().is_corrupt());
    assert!(insert(&db, "x").await.unwrap_err().is_corrupt());
    assert!(db.check().await.unwrap_err().is_corrupt());

    let mut file = overwrite(&path, 0, 0);
    file.seek(SeekFrom::Start(0)).unwrap();
    file.write_all(&whole).unwrap();
    db.check().await.unwrap();
    insert(&db, "x").await.unwrap();
    assert_eq!(texts(&db).await.len(), 2_001);
}

#[tokio::test]
async fn a_table_that_another_program_removed_is_reported() {
    let (db, folder) = open();
    db.check().await.unwrap();
    let other = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
    other.execute_batch("DROP TABLE notes").unwrap();
    let error = db.check().await.unwrap_err();
    assert!(error.is_corrupt());
    assert!(error.to_string().contains("the table notes"), "{error}");
}
