//! Handlers that wait for a database, without blocking.

use axum::routing::get;
use sabr_sqlite::rusqlite::Connection;
use sabr_sqlite::{Database, Error};

use crate::case::{ASYNC_FITS, Case, NEVER_WAITS, handler};

pub(super) fn cases() -> Vec<Case> {
    vec![
        handler(
            "sqlite_read",
            NEVER_WAITS,
            "a short read runs in place, as `Database::read` says",
            || {
                let db = opened();
                get(move || async move {
                    let counted = db.0.read(count).await;
                    counted.unwrap_or_default().to_string()
                })
            },
        ),
        handler(
            "sqlite_read_long",
            ASYNC_FITS,
            "waits for a thread that reads",
            || {
                let db = opened();
                get(move || async move {
                    let counted = db.0.read_long(count).await;
                    counted.unwrap_or_default().to_string()
                })
            },
        ),
        handler(
            "sqlite_write",
            ASYNC_FITS,
            "waits for the writer and the disk",
            || {
                let db = opened();
                get(move || async move {
                    let written = db.0.write(|tx| {
                        Ok::<_, Error>(tx.execute("INSERT INTO notes VALUES ('patience')", [])?)
                    });
                    written.await.unwrap_or_default().to_string()
                })
            },
        ),
        handler(
            "sqlite_pool_of_one",
            ASYNC_FITS,
            "waits for the only connection",
            || {
                let connection = Connection::open_in_memory().expect("a database in memory");
                let connection = std::sync::Arc::new(std::sync::Mutex::new(connection));
                let turns = std::sync::Arc::new(tokio::sync::Semaphore::new(1));
                get(move || async move {
                    let _turn = turns.acquire().await;
                    let query = move || {
                        let connection = connection.lock().expect("no query panics");
                        connection
                            .query_row(COUNT_UP, [], |row| row.get::<_, i64>(0))
                            .ok()
                    };
                    let counted = tokio::task::spawn_blocking(query).await;
                    counted.ok().flatten().unwrap_or_default().to_string()
                })
            },
        )
        .at_once(8),
    ]
}

fn count(conn: &Connection) -> Result<i64, Error> {
    Ok(conn.query_row("SELECT count(*) FROM notes", [], |row| row.get(0))?)
}

/// A query that takes about a millisecond.
const COUNT_UP: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
                                   WHERE i < 2000) SELECT sum(i) FROM n";

type Opened = std::sync::Arc<(Database, tempfile::TempDir)>;

/// A database with one table, and the folder that it is in.
fn opened() -> Opened {
    const MIGRATIONS: &[sabr_sqlite::Migration] = &[sabr_sqlite::Migration::new(
        "0001_notes",
        "CREATE TABLE notes (text TEXT) STRICT",
    )];
    let folder = super::blocking_io::folder_on_disk();
    let options = Database::options(folder.path().join("notes.db"));
    let db = options
        .migrations(MIGRATIONS)
        .open()
        .expect("a new database");
    std::sync::Arc::new((db, folder))
}
