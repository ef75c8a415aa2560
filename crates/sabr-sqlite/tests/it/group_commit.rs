use futures_util::future::join_all;
use sabr_sqlite::Error;

use crate::database::{hold, in_folder, insert, open, queued, texts};

#[tokio::test]
async fn writes_that_wait_together_share_a_commit() {
    let (db, _folder) = open();
    let held = hold(&db).await;
    let writes = (0..100).map(|n| {
        let db = db.clone();
        tokio::spawn(async move { insert(&db, &n.to_string()).await })
    });
    let writes: Vec<_> = writes.collect();
    queued(&db, 100).await;
    held.release().await;
    for write in join_all(writes).await {
        write.unwrap().unwrap();
    }
    let statistics = db.statistics();
    assert_eq!((statistics.commits, statistics.writes), (1, 101));
    assert_eq!(statistics.batch_sizes.max, 101);
    assert_eq!(texts(&db).await.len(), 100);
}

#[tokio::test]
async fn a_batch_has_a_bound() {
    let folder = tempfile::tempdir().unwrap();
    let db = in_folder(&folder).batch_size(10).open().unwrap();
    let held = hold(&db).await;
    let writes = (0..25).map(|n| {
        let db = db.clone();
        tokio::spawn(async move { insert(&db, &n.to_string()).await })
    });
    let writes: Vec<_> = writes.collect();
    queued(&db, 25).await;
    held.release().await;
    for write in join_all(writes).await {
        write.unwrap().unwrap();
    }
    let statistics = db.statistics();
    assert_eq!((statistics.commits, statistics.batch_sizes.max), (3, 10));
}

#[tokio::test]
async fn a_failing_write_takes_nobody_with_it() {
    let (db, _folder) = open();
    let held = hold(&db).await;
    let good = |text: &'static str| {
        let db = db.clone();
        tokio::spawn(async move { insert(&db, text).await })
    };
    let first = good("first");
    let failing = {
        let db = db.clone();
        tokio::spawn(async move {
            db.write(|tx| {
                tx.execute("INSERT INTO notes VALUES ('half')", [])?;
                tx.execute("INSERT INTO notes VALUES ('bad')", [])?;
                Ok::<_, Error>(())
            })
            .await
        })
    };
    let panicking = {
        let db = db.clone();
        tokio::spawn(async move {
            db.write::<(), Error, _>(|tx| {
                tx.execute("INSERT INTO notes VALUES ('lost')", [])?;
                panic!("on purpose")
            })
            .await
        })
    };
    let last = good("last");
    queued(&db, 4).await;
    held.release().await;
    first.await.unwrap().unwrap();
    last.await.unwrap().unwrap();
    assert!(failing.await.unwrap().unwrap_err().sqlite().is_some());
    let panicked = panicking.await.unwrap().unwrap_err();
    assert!(panicked.is_panicked());
    assert!(panicked.to_string().contains("on purpose"));
    assert_eq!(texts(&db).await, ["first", "last"]);
    let statistics = db.statistics();
    assert_eq!((statistics.commits, statistics.failed_writes), (1, 2));
}

#[tokio::test]
async fn a_failed_commit_fails_every_write_in_it_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let db = in_folder(&folder).open().unwrap();
    insert(&db, "before").await.unwrap();
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
    let innocent = {
        let db = db.clone();
        tokio::spawn(async move { insert(&db, "innocent").await })
    };
    // Violates a deferred constraint, which fails at the commit.
    let orphan = {
        let db = db.clone();
        tokio::spawn(async move {
            db.write(|tx| Ok::<_, Error>(tx.execute("INSERT INTO children VALUES (7)", [])?))
                .await
        })
    };
    queued(&db, 2).await;
    // The call that holds the writer is in the same transaction, so it fails too.
    held.fail().await;
    assert!(innocent.await.unwrap().unwrap_err().is_commit_failed());
    assert!(orphan.await.unwrap().unwrap_err().is_commit_failed());
    assert_eq!(texts(&db).await, ["before"]);
    insert(&db, "after").await.unwrap();
    assert_eq!(texts(&db).await, ["after", "before"]);
    assert_eq!(db.statistics().failed_commits, 1);
}

/// If the disk is full, SQLite may roll the whole transaction back by itself. Then no call may be
/// answered with success.
#[tokio::test]
async fn a_transaction_that_sqlite_gave_up_answers_nobody_done() {
    let (db, _folder) = open();
    let held = hold(&db).await;
    let innocent = {
        let db = db.clone();
        tokio::spawn(async move { insert(&db, "innocent").await })
    };
    let breaker = {
        let db = db.clone();
        tokio::spawn(async move {
            // ON CONFLICT ROLLBACK ends the whole transaction, as a full disk would.
            db.write(|tx| {
                tx.execute("INSERT OR ROLLBACK INTO notes VALUES ('innocent')", [])?;
                Ok::<_, Error>(())
            })
            .await
        })
    };
    queued(&db, 2).await;
    held.fail().await;
    assert!(innocent.await.unwrap().unwrap_err().is_commit_failed());
    assert!(breaker.await.unwrap().is_err());
    assert_eq!(texts(&db).await, [""; 0]);
    insert(&db, "after").await.unwrap();
    assert_eq!(texts(&db).await, ["after"]);
}

#[tokio::test]
async fn a_write_whose_caller_left_is_carried_out() {
    let (db, _folder) = open();
    let held = hold(&db).await;
    let abandoned = {
        let db = db.clone();
        tokio::spawn(async move { insert(&db, "abandoned").await })
    };
    queued(&db, 1).await;
    abandoned.abort();
    assert!(abandoned.await.unwrap_err().is_cancelled());
    held.release().await;
    insert(&db, "later").await.unwrap();
    assert_eq!(texts(&db).await, ["abandoned", "later"]);
}

/// If a closure goes on after SQLite rolled the transaction back, its later statements must not be
/// committed.
#[tokio::test]
async fn a_write_that_was_answered_with_an_error_left_nothing() {
    let (db, _folder) = open();
    insert(&db, "taken").await.unwrap();
    let failed = db
        .write(|tx| {
            let _ = tx.execute("INSERT OR ROLLBACK INTO notes VALUES ('taken')", []);
            tx.execute("INSERT INTO notes VALUES ('ghost')", [])?;
            Ok::<_, Error>(())
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(texts(&db).await, ["taken"]);
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("on purpose");
    }
}

/// If the caller is dropped, the writer drops the result. A panic in that drop must not end the
/// writer.
#[tokio::test]
async fn a_dropped_result_that_panics_does_not_end_the_writer() {
    let (db, _folder) = open();
    let held = hold(&db).await;
    let leaver = {
        let db = db.clone();
        tokio::spawn(async move {
            db.write(|_| Ok::<_, Error>(Bomb))
                .await
                .map(std::mem::forget)
        })
    };
    queued(&db, 1).await;
    leaver.abort();
    let _ = leaver.await;
    held.release().await;
    insert(&db, "next").await.unwrap();
}
