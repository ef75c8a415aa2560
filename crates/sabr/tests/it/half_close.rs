//! Clients that finish sending and still read, and clients that disconnect.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::{get, post};
use futures_util::stream;
use sabr::{ClientGone, Sabr, finish, sync};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::support::{Log, Server};

/// Sends `request`, finishes sending, and reads until the server closes.
async fn ask(server: &Server, request: &str) -> String {
    let mut stream = send_whole(server, request).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn send_whole(server: &Server, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    stream
}

fn echo() -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .route("/", post(async |body: String| body))
        .route("/sync", post(sync(|body: String| body)))
        .route("/finish", post(finish(async |body: String| body)))
}

#[tokio::test]
async fn request_of_a_client_that_has_finished_sending_is_answered() {
    let server = Server::start(Sabr::default(), echo()).await;
    for _ in 0..30 {
        let answer = ask(&server, "GET / HTTP/1.1\r\nhost: test\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.ends_with("\r\n\r\nhello"), "{answer}");
    }
    for path in ["/", "/sync", "/finish"] {
        let head = format!("POST {path} HTTP/1.1\r\nhost: test\r\n");
        let counted = format!("{head}content-length: 4\r\n\r\nbody");
        let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n");
        for request in [counted, chunked] {
            let answer = ask(&server, &request).await;
            assert!(answer.ends_with("\r\n\r\nbody"), "{request}: {answer}");
        }
    }
    let old = ask(&server, "GET / HTTP/1.0\r\n\r\n").await;
    assert!(old.ends_with("\r\n\r\nhello"), "{old}");
}

#[tokio::test]
async fn pipelined_requests_before_the_end_are_all_answered() {
    let server = Server::start(Sabr::default(), echo()).await;
    let get = "GET / HTTP/1.1\r\nhost: test\r\n\r\n";
    let post = "POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 4\r\n\r\nbody";
    let answers = ask(&server, &format!("{get}{post}{get}")).await;
    assert_eq!(answers.matches("HTTP/1.1 200 ").count(), 3, "{answers}");
    assert_eq!(answers.matches("hello").count(), 2, "{answers}");
}

#[tokio::test]
async fn slow_handler_answers_a_client_that_has_finished_sending() {
    let go_on = Arc::new(Notify::new());
    let wait = Arc::clone(&go_on);
    let slow = async move |client: ClientGone| {
        wait.notified().await;
        format!("gone: {}", client.is_gone())
    };
    let server = Server::start(Sabr::default(), Router::new().route("/", get(slow))).await;
    let mut stream = send_whole(&server, "GET / HTTP/1.1\r\nhost: test\r\n\r\n").await;
    // The probe shows that the server has noticed that the client finished sending.
    let mut probe = [0; 25];
    stream.read_exact(&mut probe).await.unwrap();
    assert_eq!(&probe, b"HTTP/1.1 100 Continue\r\n\r\n");
    go_on.notify_one();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with("gone: false"), "{answer}");
}

#[tokio::test]
async fn long_answer_reaches_a_client_that_has_finished_sending() {
    let pieces =
        || stream::iter((0..1000).map(|_| Ok::<_, axum::Error>(Bytes::from(vec![b'x'; 10_000]))));
    let app = Router::new().route("/", get(async move || Body::from_stream(pieces())));
    let server = Server::start(Sabr::default(), app).await;
    let answer = ask(&server, "GET / HTTP/1.0\r\n\r\n").await;
    assert_eq!(answer.matches('x').count(), 10_000_000);
}

#[tokio::test]
async fn body_that_ends_early_is_refused_and_its_connection_closed() {
    let server = Server::start(Sabr::default(), echo()).await;
    for path in ["/", "/sync", "/finish"] {
        let head = format!("POST {path} HTTP/1.1\r\nhost: test\r\n");
        for rest in [
            "content-length: 10\r\n\r\nhalf",
            "content-length: 10\r\n\r\n",
            "transfer-encoding: chunked\r\n\r\n4\r\nha",
        ] {
            let answer = ask(&server, &format!("{head}{rest}")).await;
            assert!(
                answer.is_empty() || answer.starts_with("HTTP/1.1 400 "),
                "{answer}"
            );
        }
    }
    assert_eq!(ask(&server, "GET / HTTP/1.1\r\nho").await, "");
}

/// Logs when it is dropped.
struct Dropped(Log);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.write("dropped");
    }
}

fn endless(log: &Log) -> Router {
    let log = log.clone();
    let handler = async move || {
        let _dropped = Dropped(log.clone());
        log.write("started");
        pending::<()>().await;
    };
    Router::new().route("/", get(handler))
}

#[tokio::test]
async fn handler_is_dropped_when_its_client_closes_the_connection() {
    let log = Log::default();
    let server = Server::start(Sabr::default(), endless(&log)).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: test\r\n\r\n";
    stream.write_all(request).await.unwrap();
    log.wait_for("started").await;
    drop(stream);
    log.wait_for("dropped").await;
}

#[tokio::test]
async fn handler_is_dropped_when_its_client_resets_the_connection() {
    let log = Log::default();
    let server = Server::start(Sabr::default(), endless(&log)).await;
    // The server does not probe HTTP/1.0 clients, so it must notice the reset itself. A pipelined
    // request must not hide the reset.
    let old = "GET / HTTP/1.0\r\n\r\n";
    let pipelined = "GET / HTTP/1.1\r\nhost: test\r\n\r\nGET / HTTP/1.1\r\nhost: test\r\n\r\n";
    for request in [old, pipelined] {
        log.clear();
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        log.wait_for("started").await;
        stream.set_zero_linger().unwrap();
        drop(stream);
        log.wait_for("dropped").await;
    }
}

#[tokio::test]
async fn client_that_finished_sending_and_then_closes_is_noticed() {
    let log = Log::default();
    let server = Server::start(Sabr::default(), endless(&log)).await;
    let stream = send_whole(&server, "GET / HTTP/1.1\r\nhost: test\r\n\r\n").await;
    log.wait_for("started").await;
    drop(stream);
    log.wait_for("dropped").await;
}

#[tokio::test]
async fn stream_whose_client_has_closed_is_dropped_when_a_write_fails() {
    let log = Log::default();
    let seen = log.clone();
    let events = async move || {
        let dropped = Dropped(seen.clone());
        seen.write("started");
        Body::from_stream(stream::unfold(dropped, async |dropped| {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Some((Ok::<_, axum::Error>(Bytes::from_static(b":\n\n")), dropped))
        }))
    };
    let server = Server::start(Sabr::default(), Router::new().route("/", get(events))).await;
    let stream = send_whole(&server, "GET / HTTP/1.1\r\nhost: test\r\n\r\n").await;
    log.wait_for("started").await;
    drop(stream);
    log.wait_for("dropped").await;
}

/// An HTTP/2 client that has finished sending can acknowledge nothing, so its connection ends.
#[tokio::test]
async fn http2_connection_ends_with_what_its_client_sends() {
    let log = Log::default();
    let server = Server::start(Sabr::default(), endless(&log)).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await
        .unwrap();
    stream
        .write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0])
        .await
        .unwrap();
    // HEADERS of stream 1, complete: `:method: GET`, `:scheme: http`, `:path: /`, `:authority:
    // test`.
    let block = b"\x82\x86\x84\x41\x04test";
    stream
        .write_all(&[0, 0, block.len() as u8, 1, 5, 0, 0, 0, 1])
        .await
        .unwrap();
    stream.write_all(block).await.unwrap();
    log.wait_for("started").await;
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    log.wait_for("dropped").await;
}
