//! What group commit gains: the same durable writes with a commit each, and with a commit for all
//! that wait.
//!
//! `cargo run --release -p sabr-sqlite --example group_commit [FOLDER]`; the folder has to be on a
//! disk.

use std::time::{Duration, Instant};

use sabr_sqlite::{Database, Error, Migration};

const MIGRATIONS: &[Migration] = &[Migration::new(
    "0001_notes",
    "CREATE TABLE notes (text TEXT NOT NULL) STRICT",
)];
const CLIENTS: usize = 64;
const TURN: Duration = Duration::from_secs(1);

/// Durable writes a second of this many clients, each of which waits for its own.
async fn turn(db: &Database) -> f64 {
    let begun = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| tokio::spawn(write(db.clone(), begun)))
        .collect();
    let mut count = 0;
    for client in clients {
        count += client.await.expect("a client ends in order");
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}

async fn write(db: Database, begun: Instant) -> u32 {
    let mut count = 0;
    while begun.elapsed() < TURN {
        let written = db.write(|tx| {
            let mut insert = tx.prepare_cached("INSERT INTO notes VALUES ('patience')")?;
            insert.execute([])?;
            insert.execute([])?;
            Ok::<_, Error>(())
        });
        written.await.expect("a write succeeds");
        count += 1;
    }
    count
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let folder = tempfile::tempdir_in(folder).expect("the folder can be written");
    let open = |name: &str| Database::options(folder.path().join(name)).migrations(MIGRATIONS);
    let each = open("each.db").batch_size(1).open()?;
    let group = open("group.db").open()?;
    println!("{CLIENTS} clients, two inserts a write, synchronous=FULL");
    for _ in 0..5 {
        let (each, group) = (turn(&each).await, turn(&group).await);
        println!(
            "a commit each {each:6.0}/s, group commit {group:6.0}/s: {:.1} times",
            group / each
        );
    }
    let statistics = group.statistics();
    println!(
        "writes to a commit: {:.0} on average",
        statistics.batch_sizes.mean()
    );
    println!(
        "a commit takes {:.0} µs on average",
        statistics.commit_micros.mean()
    );
    each.close().await?;
    group.close().await
}
