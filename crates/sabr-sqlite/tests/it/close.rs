use std::time::{Duration, Instant};

use rusqlite::Connection;
use sabr_sqlite::Error;

use crate::database::{hold, in_folder, insert, open, queued, texts};

#[tokio::test]
async fn closing_finishes_what_is_queued_and_refuses_the_rest() {
    let (db, folder) = open();
    let held = hold(&db).await;
    let queued_write = {
        let db = db.clone();
        tokio::spawn(async move { insert(&db, "queued").await })
    };
    queued(&db, 1).await;
    let mut closing = Box::pin(db.close());
    assert!(futures_util::poll!(&mut closing).is_pending());
    assert!(insert(&db, "late").await.unwrap_err().is_closed());
    assert!(
        db.read(|_| Ok::<_, Error>(()))
            .await
            .unwrap_err()
            .is_closed()
    );
    held.release().await;
    closing.await.unwrap();
    queued_write.await.unwrap().unwrap();
    db.clone().close().await.unwrap();
    // All data is in the database file, and the WAL is gone.
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let again = in_folder(&folder).open().unwrap();
    assert_eq!(texts(&again).await, ["queued"]);
}

#[tokio::test]
async fn a_database_that_is_dropped_finishes_what_is_queued() {
    let (db, folder) = open();
    let held = hold(&db).await;
    let write = {
        let db = db.clone();
        tokio::spawn(async move { insert(&db, "queued").await })
    };
    queued(&db, 1).await;
    drop(db);
    held.release().await;
    write.await.unwrap().unwrap();
    let again = in_folder(&folder).open().unwrap();
    assert_eq!(texts(&again).await, ["queued"]);
}

#[tokio::test]
async fn closing_that_was_given_up_can_be_taken_up_again() {
    let (db, _folder) = open();
    let held = hold(&db).await;
    let mut closing = Box::pin(db.close());
    assert!(futures_util::poll!(&mut closing).is_pending());
    drop(closing);
    held.release().await;
    db.close().await.unwrap();
}

#[tokio::test]
async fn closing_now_fails_what_is_queued() {
    let (db, folder) = open();
    let held = hold(&db).await;
    let write = {
        let db = db.clone();
        tokio::spawn(async move { insert(&db, "queued").await })
    };
    queued(&db, 1).await;
    let mut closing = Box::pin(db.close_now());
    assert!(futures_util::poll!(&mut closing).is_pending());
    held.release().await;
    closing.await.unwrap();
    assert!(write.await.unwrap().unwrap_err().is_closed());
    let again = in_folder(&folder).open().unwrap();
    assert!(texts(&again).await.is_empty());
}

#[tokio::test]
async fn closing_now_does_not_wait_for_the_lock_of_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let options = in_folder(&folder).busy_timeout(Duration::from_secs(600));
    let db = options.open().unwrap();
    let other = Connection::open(folder.path().join("test.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let write = {
        let db = db.clone();
        tokio::spawn(async move { insert(&db, "waits for the lock").await })
    };
    tokio::task::yield_now().await;
    let begun = Instant::now();
    db.close_now().await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert!(write.await.unwrap().unwrap_err().is_closed());
    other.execute_batch("COMMIT").unwrap();
    let again = in_folder(&folder).open().unwrap();
    assert!(texts(&again).await.is_empty());
}
