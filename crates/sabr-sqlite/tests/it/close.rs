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
    // Everything is in the one file: the log is gone.
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
