use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::json;

use crate::process::Process;
use crate::server::Client;

/// Sends the head of a request, and waits for `100 Continue`, which shows that the handler awaits
/// the body.
fn begin_post(address: &str, body: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /todos HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    )
    .unwrap();
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    assert_eq!(line, "HTTP/1.1 100 Continue\r\n");
    stream.read_line(&mut line).unwrap();
    stream
}

#[tokio::test]
async fn sigterm_finishes_what_is_in_flight_and_ends_with_0() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    for signal in ["TERM", "INT"] {
        let mut process = Process::start(&database, &["--grace-period", "60s"]);
        let body = r#"{"title":"in flight"}"#;
        let mut stream = begin_post(&process.address, body);
        process.signal(signal);
        process.log_until("shutting down");
        stream.get_mut().write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201 Created"), "{answer}");
        let (status, _, log) = process.end();
        assert!(status.success(), "{status}: {log}");
        assert!(log.contains("Todo added: "), "{log}");
    }
    let process = Process::start(&database, &[]);
    let client = Client::new(process.address.clone());
    let todos = client.get("/todos").await.expect(200).json();
    assert_eq!(todos.as_array().unwrap().len(), 2);
    process.kill();
}

#[test]
fn a_request_that_never_ends_is_bounded_by_the_grace_period() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    let process = Process::start(&database, &["--grace-period", "50ms"]);
    let _stream = begin_post(&process.address, "{}");
    process.signal("TERM");
    let (status, _, log) = process.end();
    assert!(status.success(), "{status}: {log}");
}

/// After the grace period nobody waits for the write, so it must not be carried out later.
#[tokio::test]
async fn a_write_that_waits_for_a_lock_ends_with_the_grace_period() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    let arguments = [
        "--grace-period",
        "100ms",
        "--lock-timeout",
        "600s",
        "--request-timeout",
        "500s",
    ];
    let process = Process::start(&database, &arguments);
    let other = Connection::open(&database).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let body = r#"{"title":"too late"}"#;
    let mut stream = begin_post(&process.address, body);
    stream.get_mut().write_all(body.as_bytes()).unwrap();
    process.signal("TERM");
    let begun = Instant::now();
    let (status, _, log) = process.end();
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert!(status.success(), "{status}: {log}");
    other.execute_batch("COMMIT").unwrap();
    drop(other);

    let process = Process::start(&database, &[]);
    let todos = Client::new(process.address.clone()).get("/todos").await;
    assert_eq!(todos.expect(200).json(), json!([]));
    process.kill();
}

#[test]
fn an_experiment_ends_with_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    let process = Process::start(&database, &["--grace-period", "60s"]);
    let mut stream = TcpStream::connect(&process.address).unwrap();
    write!(
        stream,
        "POST /lab/sequence HTTP/1.1\r\nhost: {}\r\ncontent-length: 0\r\n\r\n",
        process.address
    )
    .unwrap();
    let mut answer = BufReader::new(stream);
    let mut text = String::new();
    while !text.contains("\"part\"") {
        assert_ne!(answer.read_line(&mut text).unwrap(), 0, "{text}");
    }
    process.signal("TERM");
    answer.read_to_string(&mut text).unwrap();
    assert!(text.contains("the service was stopped"), "{text}");
    let (status, _, log) = process.end();
    assert!(status.success(), "{status}: {log}");
}

#[test]
fn closing_leaves_one_file_with_everything_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    let process = Process::start(&database, &[]);
    process.signal("TERM");
    assert!(process.end().0.success());
    let files = std::fs::read_dir(folder.path()).unwrap();
    let files: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["todo.db"]);
}

#[test]
fn a_second_signal_ends_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    let mut process = Process::start(&database, &["--grace-period", "1h"]);
    let _stream = begin_post(&process.address, "{}");
    process.signal("TERM");
    process.log_until("shutting down");
    process.signal("INT");
    let (status, _, log) = process.end();
    assert!(status.success(), "{status}: {log}");
    assert!(
        log.contains("POST /todos"),
        "the log names what was cut: {log}"
    );
}
