//! Async handlers that block for a process or for a database.

use std::io::{self};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use axum::routing::get;
use sabr_sqlite::rusqlite::Connection;

use super::ms;
use crate::case::{ASYNC_OR_NEVER, BLOCKS, Case, handler};

pub(super) fn cases() -> Vec<Case> {
    vec![
        handler(
            "process_waited_for",
            BLOCKS,
            "waits for a process by blocking",
            || get(|| async { sleep_in_process().is_ok().to_string() }),
        ),
        handler(
            "output_of_a_process",
            BLOCKS,
            "reads what a process says",
            || {
                get(|| async {
                    let output = Command::new("sh")
                        .args(["-c", "sleep 0.004; echo told"])
                        .output();
                    output.map_or(0, |output| output.stdout.len()).to_string()
                })
            },
        ),
        handler(
            "rusqlite_locked",
            BLOCKS,
            "waits for the lock of a database",
            || {
                let folder = Arc::new(tempfile::tempdir().expect("a folder"));
                get(move || async move { wait_for_database(folder.path()).is_ok().to_string() })
            },
        )
        .at_once(1),
        handler(
            "rusqlite_in_memory",
            ASYNC_OR_NEVER,
            "a short query in memory",
            || {
                let connection = Connection::open_in_memory().expect("a database in memory");
                let connection = Arc::new(Mutex::new(connection));
                get(move || async move {
                    let connection = connection.lock().expect("nobody panics with it");
                    connection
                        .query_row("SELECT 1 + 1", [], |row| row.get::<_, i64>(0))
                        .is_ok()
                        .to_string()
                })
            },
        )
        .at_once(1),
    ]
}

pub(super) fn sleep_in_process() -> io::Result<std::process::ExitStatus> {
    Command::new("sleep")
        .arg("0.005")
        .stdin(Stdio::null())
        .status()
}

fn wait_for_database(folder: &Path) -> sabr_sqlite::rusqlite::Result<()> {
    let path = folder.join("locked.db");
    let holder = Connection::open(&path)?;
    holder.execute_batch("BEGIN IMMEDIATE")?;
    let release = thread::spawn(move || {
        thread::sleep(ms(8));
        holder.execute_batch("ROLLBACK")
    });
    let waiting = Connection::open(&path)?;
    waiting.busy_timeout(ms(500))?;
    waiting.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
    drop(release.join());
    Ok(())
}
