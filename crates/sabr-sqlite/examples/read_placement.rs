//! Where a read should run: in place on the async worker, or on a thread of its own.
//!
//! `cargo run --release -p sabr-sqlite --example read_placement`

use std::time::{Duration, Instant};

use sabr_sqlite::rusqlite::Connection;
use sabr_sqlite::{Database, Error};

const ROWS: i64 = 10_000;
const TURN: Duration = Duration::from_millis(500);

#[derive(Clone, Copy)]
enum Place {
    Here,
    Thread,
}

/// Reads a second of this many clients, of so many rows each.
async fn turn(db: &Database, clients: usize, rows: i64, place: Place) -> f64 {
    let begun = Instant::now();
    let client = |n| tokio::spawn(read(db.clone(), begun, n as i64, rows, place));
    let clients: Vec<_> = (0..clients).map(client).collect();
    let mut count = 0;
    for client in clients {
        count += client.await.expect("a client ends in order");
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}

async fn read(db: Database, begun: Instant, seed: i64, rows: i64, place: Place) -> u32 {
    let (mut count, mut id) = (0, seed);
    while begun.elapsed() < TURN {
        id = (id * 7919 + 1) % (ROWS - rows);
        let select = move |conn: &Connection| {
            let sql = "SELECT text FROM notes WHERE id > ?1 ORDER BY id LIMIT ?2";
            let mut select = conn.prepare_cached(sql)?;
            let texts = select.query_map([id, rows], |row| row.get::<_, String>(0))?;
            Ok::<_, Error>(texts.collect::<Result<Vec<_>, _>>()?)
        };
        let found = match place {
            Place::Here => db.read(select).await,
            Place::Thread => db.read_long(select).await,
        };
        assert_eq!(found.expect("a read succeeds").len() as i64, rows);
        count += 1;
    }
    count
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let db = Database::options(folder.path().join("reads.db")).open()?;
    db.write(|tx| {
        tx.execute_batch("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")?;
        let mut insert = tx.prepare("INSERT INTO notes VALUES (?1, printf('note %0200d', ?1))")?;
        (1..=ROWS).try_for_each(|id| insert.execute([id]).map(drop))?;
        Ok::<_, Error>(())
    })
    .await?;
    for (clients, rows) in [(1, 1), (64, 1), (1, 100), (64, 100), (1, 1000)] {
        for _ in 0..3 {
            let here = turn(&db, clients, rows, Place::Here).await;
            let thread = turn(&db, clients, rows, Place::Thread).await;
            let ratio = here / thread;
            println!(
                "{clients:2} clients, {rows:4} rows: in place {here:7.0}/s, on a thread {thread:7.0}/s: {ratio:.1} times"
            );
        }
    }
    db.close().await
}
