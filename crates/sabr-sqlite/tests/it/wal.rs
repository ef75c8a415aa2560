//! The length of the write-ahead log under readers and writers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use futures_util::future::join_all;
use sabr_sqlite::{Database, Error, Synchronous};
use tempfile::TempDir;

use crate::database::{in_folder, insert, open};

/// The length at which the WAL is checkpointed, plus the transaction that exceeds it.
const SHORT: u64 = 18_000_000;
/// The length after six checkpoints in a row that a read prevented.
const PREVENTED: u64 = SHORT + 6_000_000;
/// The length at which a checkpoint waits for readers, plus one failed attempt.
const LONG: u64 = 3 * SHORT;

/// A database without syncs, which are not tested here.
fn fast(folder: &TempDir) -> Database {
    let options = in_folder(folder).synchronous(Synchronous::Off);
    options.open().unwrap()
}

async fn replace(db: &Database, n: usize) -> u64 {
    let text = format!("{n} {}", "x".repeat(40_000));
    db.write(move |tx| {
        tx.execute("DELETE FROM notes", [])?;
        tx.execute("INSERT INTO notes VALUES (?1)", [text])?;
        Ok::<_, Error>(())
    })
    .await
    .unwrap();
    db.statistics().wal_bytes
}

async fn count(db: &Database) -> i64 {
    db.read(|conn| {
        let mut count = conn.prepare_cached("SELECT count(*) FROM notes")?;
        Ok::<_, Error>(count.query_row([], |row| row.get(0))?)
    })
    .await
    .unwrap()
}

/// Runs this many tasks that read in a loop until `done`.
fn readers(db: &Database, done: &Arc<AtomicBool>, count_of: usize) -> Vec<impl Future + use<>> {
    let reader = |_| {
        let (db, done) = (db.clone(), Arc::clone(done));
        tokio::spawn(async move {
            while !done.load(Ordering::Relaxed) {
                count(&db).await;
                tokio::task::yield_now().await;
            }
        })
    };
    (0..count_of).map(reader).collect()
}

/// Runs `PRAGMA wal_checkpoint(TRUNCATE)` on another connection, as another process would, and
/// returns its row.
fn checkpoint(folder: &TempDir) -> (i64, i64, i64) {
    let other = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
    other.busy_timeout(std::time::Duration::ZERO).unwrap();
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    other.query_row(checkpoint, [], read).unwrap()
}

#[tokio::test]
async fn another_process_can_empty_the_wal_after_the_last_read() {
    let (db, folder) = open();
    insert(&db, "a note").await.unwrap();
    join_all((0..8).map(|_| count(&db))).await;
    // Without further reads and writes, idle readers must end their snapshots. Otherwise this
    // hangs.
    while checkpoint(&folder) != (0, 0, 0) {
        std::thread::yield_now();
    }
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn a_read_that_outlives_a_commit_leaves_nothing_behind() {
    let (db, folder) = open();
    let (release, released) = mpsc::channel::<()>();
    let (running, runs) = tokio::sync::oneshot::channel();
    let long = {
        let db = db.clone();
        tokio::spawn(async move {
            db.read_long(move |conn| {
                conn.query_row("SELECT count(*) FROM notes", [], |_| Ok(()))?;
                running.send(()).unwrap();
                released.recv().unwrap();
                Ok::<_, Error>(())
            })
            .await
        })
    };
    runs.await.unwrap();
    insert(&db, "a note").await.unwrap();
    assert_eq!(checkpoint(&folder).0, 1, "the read is in the way");
    release.send(()).unwrap();
    long.await.unwrap().unwrap();
    while checkpoint(&folder) != (0, 0, 0) {
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn the_wal_stays_short_when_one_client_writes_and_reads_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    let db = fast(&folder);
    let (mut resets, mut before) = (0, 0);
    for n in 0..2_000 {
        let length = replace(&db, n).await;
        // A read that begins just before a checkpoint prevents the reset until the next attempt,
        // which follows after 1 MB at the latest.
        assert!(length < PREVENTED, "{length} bytes after {n} writes");
        assert_eq!(count(&db).await, 1);
        resets += usize::from(length < before);
        before = length;
    }
    // Why two: the writes fill 94 MB, which is several times the usual length.
    assert!(resets >= 2, "{resets} resets");
}

/// Writes until the WAL has reached its usual length and was reset, several times. Hangs if
/// something prevents the reset.
async fn write_until_reset(db: &Database) {
    let (mut resets, mut before) = (0, 0);
    for n in 0.. {
        let frames = replace(db, n).await;
        resets += usize::from(frames < before);
        before = frames;
        if resets == 3 {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_wal_is_reset_while_many_read_and_write() {
    let folder = tempfile::tempdir().unwrap();
    let db = fast(&folder);
    let done = Arc::new(AtomicBool::new(false));
    let reading = readers(&db, &done, 6);
    let writers = (0..4).map(|_| write_until_reset(&db));
    join_all(writers).await;
    done.store(true, Ordering::Relaxed);
    join_all(reading).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_wal_is_reset_while_another_process_reads_without_a_pause() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (fast(&folder), fast(&folder));
    let done = Arc::new(AtomicBool::new(false));
    let reading = readers(&theirs, &done, 4);
    write_until_reset(&ours).await;
    done.store(true, Ordering::Relaxed);
    join_all(reading).await;
}

#[tokio::test]
async fn the_wal_is_cut_when_a_read_ends_that_kept_it_from_being_reset() {
    let folder = tempfile::tempdir().unwrap();
    let db = fast(&folder);
    let (release, released) = mpsc::channel::<()>();
    let (running, runs) = tokio::sync::oneshot::channel();
    let long = {
        let db = db.clone();
        tokio::spawn(async move {
            db.read_long(move |conn| {
                conn.query_row("SELECT count(*) FROM notes", [], |_| Ok(()))?;
                running.send(()).unwrap();
                released.recv().unwrap();
                Ok::<_, Error>(())
            })
            .await
        })
    };
    runs.await.unwrap();
    let mut written = 0;
    while db.statistics().wal_bytes < 2 * LONG {
        replace(&db, written).await;
        written += 1;
    }
    release.send(()).unwrap();
    long.await.unwrap().unwrap();
    // The WAL must be truncated without any further write. Otherwise this hangs.
    while db.statistics().wal_bytes >= SHORT {
        tokio::task::yield_now().await;
    }
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn a_read_without_an_end_is_ended_at_the_limit_of_the_wal() {
    let folder = tempfile::tempdir().unwrap();
    let options = in_folder(&folder)
        .synchronous(Synchronous::Off)
        .wal_limit(0);
    let db = options.open().unwrap();
    let reading = {
        let db = db.clone();
        tokio::spawn(async move {
            db.read_long(|conn| {
                let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                               SELECT max(i), (SELECT count(*) FROM notes) FROM n";
                Ok::<_, Error>(conn.query_row(endless, [], |_| Ok(()))?)
            })
            .await
        })
    };
    for n in 0.. {
        replace(&db, n).await;
        if reading.is_finished() {
            break;
        }
    }
    assert!(reading.await.unwrap().unwrap_err().is_overloaded());
    while db.statistics().wal_bytes >= SHORT {
        tokio::task::yield_now().await;
    }
    assert_eq!(count(&db).await, 1);
}
