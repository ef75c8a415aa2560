use futures_util::future::join_all;
use sabr_sqlite::{Database, Error};

use crate::database::{MIGRATIONS, insert, texts};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_and_writes_in_memory_see_one_database() {
    let db = Database::in_memory().migrations(MIGRATIONS).open().unwrap();
    join_all((0..50).map(async |n: i32| {
        insert(&db, &n.to_string()).await.unwrap();
        assert!(texts(&db).await.contains(&n.to_string()));
    }))
    .await;
    assert_eq!(texts(&db).await.len(), 50);
    db.close().await.unwrap();
}

#[tokio::test]
async fn what_a_read_in_memory_writes_does_not_stay() {
    let db = Database::in_memory().migrations(MIGRATIONS).open().unwrap();
    let write = |conn: &rusqlite::Connection| {
        Ok::<_, Error>(conn.execute("INSERT INTO notes VALUES ('never')", [])?)
    };
    let _ = db.read(write).await;
    let _ = db.read_long(write).await;
    assert_eq!(texts(&db).await, [""; 0]);
    assert_eq!(db.statistics().writes, 0);
}

#[tokio::test]
async fn two_databases_in_memory_are_two() {
    let one = Database::in_memory().migrations(MIGRATIONS).open().unwrap();
    let two = Database::in_memory().migrations(MIGRATIONS).open().unwrap();
    insert(&one, "one").await.unwrap();
    assert_eq!(texts(&two).await, [""; 0]);
}
