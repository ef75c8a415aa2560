use std::sync::mpsc;

use sabr_sqlite::Error;

use crate::database::{hold, in_folder, insert, open, texts};

#[tokio::test]
async fn a_read_sees_what_was_answered_before_it() {
    let (db, _folder) = open();
    for n in 0..100 {
        insert(&db, &n.to_string()).await.unwrap();
        assert_eq!(texts(&db).await.len(), n + 1);
    }
}

#[tokio::test]
async fn reads_do_not_wait_for_a_write() {
    let (db, _folder) = open();
    insert(&db, "old").await.unwrap();
    let held = hold(&db).await;
    assert_eq!(texts(&db).await, ["old"]);
    held.release().await;
}

#[tokio::test]
async fn a_read_cannot_write() {
    let (db, _folder) = open();
    let write = |conn: &rusqlite::Connection| {
        Ok::<_, Error>(conn.execute("INSERT INTO notes VALUES ('never')", [])?)
    };
    db.read(write).await.unwrap_err();
    db.read_long(write).await.unwrap_err();
    assert_eq!(texts(&db).await, [""; 0]);
}

#[tokio::test]
async fn a_read_that_panics_leaves_its_connection_usable() {
    let folder = tempfile::tempdir().unwrap();
    let db = in_folder(&folder).readers(1).open().unwrap();
    for _ in 0..3 {
        let read = db.read::<(), Error, _>(|_| panic!("on purpose")).await;
        assert!(read.unwrap_err().is_panicked());
        let read = db.read_long::<(), Error, _>(|_| panic!("on purpose")).await;
        assert!(read.unwrap_err().is_panicked());
    }
    assert_eq!(texts(&db).await, [""; 0]);
}

#[tokio::test]
async fn more_reads_than_readers_wait_and_then_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let db = in_folder(&folder)
        .readers(1)
        .queue_capacity(1)
        .open()
        .unwrap();
    let (release, released) = mpsc::channel::<()>();
    let (running, runs) = tokio::sync::oneshot::channel();
    let long = {
        let db = db.clone();
        tokio::spawn(async move {
            db.read_long(move |_| {
                running.send(()).unwrap();
                released.recv().unwrap();
                Ok::<_, Error>(())
            })
            .await
        })
    };
    runs.await.unwrap();
    let read = || db.read(|_| Ok::<_, Error>(()));
    let mut waiting = Box::pin(read());
    assert!(futures_util::poll!(&mut waiting).is_pending());
    assert!(read().await.unwrap_err().is_overloaded());
    // Dropping a waiting read makes room for another one.
    drop(waiting);
    let mut waiting = Box::pin(read());
    assert!(futures_util::poll!(&mut waiting).is_pending());
    release.send(()).unwrap();
    long.await.unwrap().unwrap();
    waiting.await.unwrap();
}

#[tokio::test]
async fn a_long_read_whose_caller_left_gives_its_connection_back() {
    let folder = tempfile::tempdir().unwrap();
    let db = in_folder(&folder).readers(1).open().unwrap();
    let (release, released) = mpsc::channel::<()>();
    let mut long = Box::pin(db.read_long(move |_| {
        released.recv().unwrap();
        Ok::<_, Error>(())
    }));
    assert!(futures_util::poll!(&mut long).is_pending());
    drop(long);
    release.send(()).unwrap();
    assert_eq!(texts(&db).await, [""; 0]);
}

/// A reading connection keeps its snapshot while nobody writes. That must not stop SQLite from
/// checkpointing and resetting the WAL.
#[tokio::test]
async fn idle_readers_do_not_let_the_log_grow() {
    let (db, folder) = open();
    let log = folder.path().join("test.db-wal");
    let text = "x".repeat(100_000);
    for n in 0..600 {
        insert(&db, &format!("{n} {text}")).await.unwrap();
        db.write(|tx| Ok::<_, Error>(tx.execute("DELETE FROM notes", [])?))
            .await
            .unwrap();
        if n % 50 == 0 {
            assert_eq!(texts(&db).await.len(), 0);
        }
    }
    let written = 600 * 100_000;
    let length = std::fs::metadata(log).unwrap().len();
    assert!(length < written / 2, "the log has {length} bytes");
}

#[tokio::test]
async fn a_read_sees_what_another_process_wrote_a_moment_ago() {
    let (db, folder) = open();
    assert_eq!(texts(&db).await, [""; 0]);
    let other = rusqlite::Connection::open(folder.path().join("test.db")).unwrap();
    other
        .execute("INSERT INTO notes VALUES ('theirs')", [])
        .unwrap();
    // Takes about a millisecond. Hangs if the read never sees the row.
    while texts(&db).await.is_empty() {
        tokio::task::yield_now().await;
    }
}

/// SQLite prepares a statement again for new bound values in two cases: for a `LIMIT` parameter,
/// and for a range in a table with statistics from `ANALYZE`.
#[tokio::test]
async fn no_statement_is_prepared_twice() {
    fn page(conn: &rusqlite::Connection, from: i64) -> Result<(i32, i32), Error> {
        let mut page =
            conn.prepare_cached("SELECT text FROM notes WHERE text > ?1 ORDER BY text LIMIT ?2")?;
        let rows = page.query_map((from.to_string(), from), |row| row.get::<_, String>(0))?;
        rows.collect::<Result<Vec<_>, _>>()?;
        let status = |of| page.get_status(of);
        Ok((
            status(rusqlite::StatementStatus::Run),
            status(rusqlite::StatementStatus::RePrepare),
        ))
    }
    let folder = tempfile::tempdir().unwrap();
    let filled = in_folder(&folder).open().unwrap();
    for n in 0..100 {
        insert(&filled, &n.to_string()).await.unwrap();
    }
    filled
        .write(|tx| Ok::<_, Error>(tx.execute_batch("ANALYZE")?))
        .await
        .unwrap();
    filled.close().await.unwrap();
    // Why a large budget: no read may exceed it, because the read would then run twice.
    let options = in_folder(&folder).read_budget(std::time::Duration::from_hours(1));
    let db = options.readers(1).open().unwrap();
    for n in 1..=20 {
        let once = (i32::try_from(n).unwrap(), 0);
        assert_eq!(db.read(move |conn| page(conn, n)).await.unwrap(), once);
        assert_eq!(db.write(move |tx| page(tx, n)).await.unwrap(), once);
    }
}
