use sabr_sqlite::{Database, Error};

use crate::database::{hold, in_folder, insert, open, queued, texts};

#[tokio::test]
async fn one_more_than_the_queue_holds_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let db = in_folder(&folder).queue_capacity(2).open().unwrap();
    let held = hold(&db).await;
    let waiting: Vec<_> = ["a", "b"]
        .map(|text| {
            let db = db.clone();
            tokio::spawn(async move { insert(&db, text).await })
        })
        .into();
    queued(&db, 2).await;
    let refused = insert(&db, "c").await.unwrap_err();
    assert!(refused.is_overloaded());
    assert!(refused.to_string().contains("2 calls wait"));
    held.release().await;
    for write in waiting {
        write.await.unwrap().unwrap();
    }
    assert_eq!(texts(&db).await, ["a", "b"]);
    assert_eq!(db.statistics().rejected, 1);
}

#[tokio::test]
async fn a_write_cannot_end_the_transaction_it_shares() {
    let (db, _folder) = open();
    for sql in [
        "COMMIT",
        "ROLLBACK",
        "BEGIN",
        "SAVEPOINT mine",
        "RELEASE call",
        "ATTACH ':memory:' AS other",
        "PRAGMA synchronous = off",
        "PRAGMA foreign_keys = off",
    ] {
        let error = db
            .write(move |tx| {
                tx.execute("INSERT INTO notes VALUES ('never')", [])?;
                tx.execute_batch(sql)?;
                Ok::<_, Error>(())
            })
            .await
            .unwrap_err();
        let sqlite = error.sqlite().unwrap().to_string();
        assert!(sqlite.contains("not authorized"), "{sql}: {sqlite}");
    }
    assert_eq!(texts(&db).await, [""; 0]);
    insert(&db, "still fine").await.unwrap();
}

#[test]
fn what_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    let text = "Dear reader, this is no database. ".repeat(100);
    std::fs::write(&path, &text).unwrap();
    let error = Database::options(&path).open().unwrap_err();
    assert!(error.to_string().contains("letter.txt"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    let missing = folder.path().join("no/folder/here.db");
    let error = Database::options(missing).open().unwrap_err();
    assert!(error.to_string().contains("no/folder/here.db"), "{error}");
}

#[tokio::test]
async fn another_process_that_writes_is_waited_for_and_then_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let db = in_folder(&folder)
        .busy_timeout(std::time::Duration::from_millis(1))
        .open()
        .unwrap();
    let other = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
    other
        .execute_batch("BEGIN IMMEDIATE; INSERT INTO notes VALUES ('theirs')")
        .unwrap();
    assert!(insert(&db, "ours").await.unwrap_err().is_commit_failed());
    other.execute_batch("COMMIT").unwrap();
    insert(&db, "ours").await.unwrap();
    assert_eq!(texts(&db).await, ["ours", "theirs"]);
}

/// Pragmas that only read the schema are allowed in a write.
#[tokio::test]
async fn a_write_may_ask_about_a_table() {
    let (db, _folder) = open();
    db.write(|tx| Ok::<_, Error>(tx.execute_batch("PRAGMA table_info('notes')")?))
        .await
        .unwrap();
}
