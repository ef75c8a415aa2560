//! Reads that exceed their time budget.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, ThreadId};
use std::time::Duration;

use futures_util::FutureExt;
use rusqlite::Connection;
use sabr_sqlite::{Database, Error, Options};
use tempfile::TempDir;

use crate::database::in_folder;

const ROWS: usize = 200_000;
const FILL: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                    INSERT INTO notes SELECT i FROM n";

async fn filled(options: impl FnOnce(Options) -> Options) -> (Database, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let db = options(in_folder(&folder)).open().unwrap();
    db.write(|tx| Ok::<_, Error>(tx.execute(FILL, [ROWS as i64])?))
        .await
        .unwrap();
    (db, folder)
}

/// Reads and counts every row.
fn scan(conn: &Connection, seen: &AtomicUsize) -> rusqlite::Result<usize> {
    let mut select = conn.prepare_cached("SELECT text FROM notes")?;
    let mut rows = select.query([])?;
    let mut count = 0;
    while rows.next()?.is_some() {
        seen.fetch_add(1, Ordering::Relaxed);
        count += 1;
    }
    Ok(count)
}

#[tokio::test]
async fn a_scan_does_not_hold_up_the_event_loop() {
    // With a budget of zero, the read is interrupted when SQLite first checks the clock.
    let (db, _folder) = filled(|options| options.read_budget(Duration::ZERO)).await;
    let (go_on, goes_on) = mpsc::channel();
    let goes_on = Mutex::new(goes_on);
    let runs: Arc<Mutex<Vec<(ThreadId, usize)>>> = Arc::default();
    let seen = Arc::new(AtomicUsize::new(0));
    let here = thread::current().id();
    let scanning = {
        let (db, runs, seen) = (db.clone(), Arc::clone(&runs), Arc::clone(&seen));
        tokio::spawn(async move {
            db.read(move |conn| {
                if thread::current().id() != here {
                    goes_on.lock().unwrap().recv().unwrap();
                }
                let before = seen.load(Ordering::Relaxed);
                let scanned = scan(conn, &seen);
                let rows = seen.load(Ordering::Relaxed) - before;
                runs.lock().unwrap().push((thread::current().id(), rows));
                Ok::<_, Error>(scanned?)
            })
            .await
        })
    };
    // The runtime has one thread. This loop runs on it while the scan runs on another thread.
    while db.statistics().moved_reads == 0 {
        tokio::task::yield_now().await;
    }
    go_on.send(()).unwrap();
    assert_eq!(scanning.await.unwrap().unwrap(), ROWS);
    let runs = runs.lock().unwrap();
    let [(first, rows), (second, _)] = runs[..] else {
        panic!("it ran {} times", runs.len());
    };
    assert_eq!(first, here);
    assert!(rows < 100, "{rows} rows were read in place");
    assert_ne!(second, here);
    assert_eq!((db.statistics().moved_reads, db.statistics().reads), (1, 1));
}

#[tokio::test]
async fn by_default_a_scan_of_200_000_rows_is_moved_to_a_thread() {
    let (db, _folder) = filled(|options| options).await;
    let seen = Arc::new(AtomicUsize::new(0));
    let scanned = db.read(move |conn| Ok::<_, Error>(scan(conn, &seen)?));
    assert_eq!(scanned.await.unwrap(), ROWS);
    assert_eq!(db.statistics().moved_reads, 1);
}

#[tokio::test]
async fn a_read_of_few_steps_stays_in_place() {
    let (db, _folder) = filled(|options| options.read_budget(Duration::ZERO)).await;
    let here = thread::current().id();
    let read = db.read(move |conn| {
        assert_eq!(thread::current().id(), here);
        // Why not cached: SQLite adds up the steps of all runs of a cached statement.
        let mut select = conn.prepare("SELECT rowid FROM notes WHERE text = '7'")?;
        Ok::<_, Error>(select.query_row([], |row| row.get::<_, i64>(0))?)
    });
    assert_eq!(read.await.unwrap(), 7);
    assert_eq!(db.statistics().moved_reads, 0);
}

#[tokio::test]
async fn a_closure_that_hides_the_interrupt_still_answers_right() {
    let (db, _folder) = filled(|options| options.read_budget(Duration::ZERO)).await;
    let seen = Arc::new(AtomicUsize::new(0));
    let scanned = db.read(move |conn| Ok::<_, Error>(scan(conn, &seen).unwrap_or(0)));
    assert_eq!(scanned.await.unwrap(), ROWS);
    let seen = Arc::new(AtomicUsize::new(0));
    let scanned = db.read(move |conn| Ok::<_, Error>(scan(conn, &seen).unwrap()));
    assert_eq!(scanned.await.unwrap(), ROWS);
    assert_eq!(db.statistics().moved_reads, 2);
}

#[tokio::test]
async fn a_connection_whose_read_was_interrupted_is_used_again() {
    let (db, _folder) = filled(|options| options.read_budget(Duration::ZERO).readers(1)).await;
    for _ in 0..3 {
        let seen = Arc::new(AtomicUsize::new(0));
        let scanned = db.read(move |conn| Ok::<_, Error>(scan(conn, &seen)?));
        assert_eq!(scanned.await.unwrap(), ROWS);
        let seen = Arc::new(AtomicUsize::new(0));
        let scanned = db.read_long(move |conn| Ok::<_, Error>(scan(conn, &seen)?));
        assert_eq!(scanned.await.unwrap(), ROWS);
    }
}

#[test]
fn a_read_without_a_runtime_is_carried_out_here() {
    let folder = tempfile::tempdir().unwrap();
    let options = in_folder(&folder).read_budget(Duration::ZERO);
    let db = options.open().unwrap();
    let count = db.read(|conn| {
        let count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                     SELECT count(*) FROM n";
        Ok::<_, Error>(conn.query_row(count, [], |row| row.get::<_, i64>(0))?)
    });
    let count = count.now_or_never();
    assert_eq!(count.unwrap().unwrap(), 1000);
    assert_eq!(db.statistics().moved_reads, 1);
}

#[tokio::test]
async fn long_reads_leave_a_connection_to_short_ones() {
    let folder = tempfile::tempdir().unwrap();
    let db = in_folder(&folder).readers(3).open().unwrap();
    let released = Arc::new(std::sync::Barrier::new(3));
    let long = || {
        let (db, released) = (db.clone(), Arc::clone(&released));
        tokio::spawn(async move {
            db.read_long(move |_| {
                released.wait();
                Ok::<_, Error>(())
            })
            .await
        })
    };
    let running = [long(), long()];
    let waiting = {
        let db = db.clone();
        tokio::spawn(async move { db.read_long(|_| Ok::<_, Error>(())).await })
    };
    while db.statistics().reads < 3 {
        tokio::task::yield_now().await;
    }
    db.read(|_| Ok::<_, Error>(())).await.unwrap();
    assert!(!waiting.is_finished());
    tokio::task::spawn_blocking(move || released.wait());
    for long in running {
        long.await.unwrap().unwrap();
    }
    waiting.await.unwrap().unwrap();
}
