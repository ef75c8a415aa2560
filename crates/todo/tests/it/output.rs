//! Checks that the service continues if its output is closed, full, or not read.

#![cfg(unix)]

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, pipe};
use std::path::Path;
use std::process::{Child, Stdio};

use axum::http::{Method, header};
use rusqlite::Connection;
use serde_json::json;

use crate::process::{Process, command, signal};
use crate::server::Client;

/// A pipe without a reader.
fn closed() -> Stdio {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    writer.into()
}

fn full() -> Stdio {
    let full = OpenOptions::new().write(true).open("/dev/full");
    full.unwrap().into()
}

/// Starts a service with one broken output. The other output is closed when the service's address
/// has been read from it.
fn start(database: &Path, broken: Broken, output: fn() -> Stdio) -> (Child, Client) {
    let (reader, writer) = pipe().unwrap();
    let mut command = command();
    command
        .args(["--port", "0", "--lock-timeout", "50ms"])
        .args(["--log-level", "debug", "--database"])
        .arg(database);
    match broken {
        Broken::Log => command.stdout(writer).stderr(output()),
        Broken::Greeting => command.stdout(output()).stderr(writer),
    };
    let child = command.spawn().unwrap();
    // The command also holds an end of the pipe, which must be closed for the pipe to end.
    drop(command);
    let address = BufReader::new(reader).lines().find_map(|line| {
        let line = line.unwrap();
        let rest = line.split_once("browser http://");
        let (_, rest) = rest.or_else(|| line.split_once("listening address="))?;
        let end = rest.find(['/', ' ']).unwrap_or(rest.len());
        Some(rest[..end].to_owned())
    });
    (child, Client::new(address.unwrap()))
}

#[derive(Clone, Copy, Debug)]
enum Broken {
    Log,
    Greeting,
}

#[tokio::test]
async fn what_cannot_be_logged_stops_nothing() {
    for (broken, output) in [
        (Broken::Log, closed as fn() -> Stdio),
        (Broken::Log, full),
        (Broken::Greeting, closed),
        (Broken::Greeting, full),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("todo.db");
        let (mut child, client) = start(&database, broken, output);
        let other = Connection::open(&database).unwrap();
        for round in 1..=3 {
            other.execute_batch("BEGIN EXCLUSIVE").unwrap();
            let refused = client
                .post("/todos", &json!({ "title": "locked out" }))
                .await;
            let refused = refused.expect(503);
            assert_eq!(refused.json()["type"], "/problems/database-locked");
            assert_eq!(refused.header(header::RETRY_AFTER), "1");
            client.get("/readyz").await.expect(503);
            other.execute_batch("COMMIT").unwrap();
            client
                .post("/todos", &json!({ "title": "let in" }))
                .await
                .expect(201);
            client.get("/readyz").await.expect(200);
            let todos = client.get("/todos").await.expect(200).json();
            assert_eq!(todos.as_array().unwrap().len(), round);
        }
        drop((client, other));
        signal(child.id(), "TERM");
        assert_eq!(child.wait().unwrap().code(), Some(0), "{broken:?}");
    }
}

#[tokio::test]
async fn a_log_that_nobody_reads_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    // A pipe holds 64 KiB, and each request logs a line.
    let process = Process::start(&database, &["--log-level", "debug"]);
    let client = Client::new(process.address.clone());
    let id = "x".repeat(100);
    for _ in 0..1000 {
        let request = client
            .request(Method::GET, "/users")
            .header("x-request-id", &id);
        client.send(request, "").await.expect(200);
    }
    client
        .post("/todos", &json!({ "title": "x" }))
        .await
        .expect(201);
    process.signal("TERM");
    assert_eq!(process.exit_code(), Some(0));
}

#[test]
fn an_error_that_cannot_be_printed_is_an_error_all_the_same() {
    for output in [closed, full] {
        for arguments in [
            &["--database", "/no/such/folder/todo.db"][..],
            &["--host", "0.0.0.0"],
            &["lab", "after", "--scale", "0.01"],
            &["lab", "after", "--scale", "0.01", "--json"],
            &["lab", "after", "--svg", "/no/such/folder/x.svg"],
        ] {
            let ended = command()
                .args(arguments)
                .stdout(output())
                .stderr(output())
                .status();
            // After a panic, the exit code would be 101.
            assert_eq!(ended.unwrap().code(), Some(1), "{arguments:?}");
        }
    }
}
