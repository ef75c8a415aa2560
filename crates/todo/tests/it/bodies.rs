//! Request bodies that do not arrive, are too large, or are not read.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use futures_util::stream;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use todo::http::Limits;
use todo::service::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::{Server, config};

const LIMIT: usize = 1000;

/// Starts a service whose request timeout is `time`.
async fn start(time: Duration) -> Server {
    let defaults = config();
    Server::with(Config {
        limits: Limits {
            body: LIMIT,
            time,
            ..defaults.limits
        },
        ..defaults
    })
    .await
}

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(&server.client.address).await.unwrap()
}

/// Sends these bytes and nothing more. Reads until the service closes the connection.
async fn ask(server: &Server, request: &str) -> String {
    let mut stream = connect(server).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn check(answer: &str, status: u16, slug: &str) {
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "{answer}"
    );
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert!(answer.contains(&format!("/problems/{slug}\"")), "{answer}");
}

/// The head of a request with a JSON body.
fn head(request: &str, length: usize) -> String {
    format!(
        "{request} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n"
    )
}

const PATHS: [&str; 5] = [
    "POST /todos",
    "PUT /todos/018f4e4e-0000-7000-8000-000000000000",
    "PATCH /todos/018f4e4e-0000-7000-8000-000000000000",
    "POST /login",
    "POST /lab/decide",
];

#[tokio::test]
async fn a_body_that_stalls_is_given_up_and_its_connection_closed() {
    let server = start(Duration::from_millis(300)).await;
    let requests = PATHS.map(|path| format!("{}\r\n{{\"title\":", head(path, 30)));
    let answers = requests.iter().map(|request| ask(&server, request));
    for answer in futures_util::future::join_all(answers).await {
        check(&answer, 408, "request-timeout");
        assert!(!answer.contains("retry-after"), "{answer}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_trickles_is_given_up() {
    let server = start(Duration::from_millis(300)).await;
    let (mut read, mut write) = connect(&server).await.into_split();
    write
        .write_all(format!("{}\r\n", head("POST /todos", 900)).as_bytes())
        .await
        .unwrap();
    let trickle = async {
        while write.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let mut answer = String::new();
    tokio::select! {
        read = read.read_to_string(&mut answer) => drop(read.unwrap()),
        () = trickle => panic!("the connection was reset"),
    }
    check(&answer, 408, "request-timeout");
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_is_sent() {
    let server = start(Duration::from_secs(30)).await;
    for path in PATHS {
        for expect in ["expect: 100-continue\r\n", ""] {
            let request = format!("{}{expect}\r\n", head(path, LIMIT + 1));
            check(&ask(&server, &request).await, 413, "body-too-large");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn a_chunked_body_that_is_too_large_is_refused_while_it_is_sent() {
    let server = start(Duration::from_secs(30)).await;
    let head = "POST /todos HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\n\r\n";
    let mut stream = connect(&server).await;
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..5000 {
        let chunk = format!("3e8\r\n{}\r\n", " ".repeat(1000));
        stream.write_all(chunk.as_bytes()).await.unwrap();
    }
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    check(&answer, 413, "body-too-large");
    server.stop().await;
}

#[tokio::test]
async fn a_request_that_is_refused_is_not_told_to_send_its_body() {
    let server = start(Duration::from_secs(30)).await;
    for (request, status, slug) in [
        ("POST /nowhere", 404, "route-not-found"),
        ("PUT /todos", 405, "method-not-allowed"),
        ("POST /todos/no-id/items", 422, "invalid"),
    ] {
        let request = format!("{}expect: 100-continue\r\n\r\n", head(request, 30));
        check(&ask(&server, &request).await, status, slug);
    }
    let text = "POST /todos HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\n\
                content-length: 30\r\nexpect: 100-continue\r\n\r\n";
    check(&ask(&server, text).await, 415, "unsupported-media-type");
    let other_host = text.replace("localhost", "example.com");
    check(&ask(&server, &other_host).await, 421, "foreign-host");
    server.stop().await;
}

#[tokio::test]
async fn an_expectation_that_is_not_known_is_refused() {
    let server = start(Duration::from_secs(30)).await;
    for expect in ["200-ok", "100-continue, more", "100-continue\r\nexpect: x"] {
        let request = format!("{}expect: {expect}\r\n\r\n", head("POST /todos", 30));
        check(&ask(&server, &request).await, 417, "expectation-failed");
    }
    let request = format!(
        "{}expect: 100-Continue\r\nconnection: close\r\n\r\n{{\"title\":\"buy milk\"}}",
        head("POST /todos", 20)
    );
    let answer = ask(&server, &request).await;
    assert!(answer.contains("HTTP/1.1 201 "), "{answer}");
    server.stop().await;
}

/// Only the stream ends. The connection still carries the next request.
#[tokio::test]
async fn a_body_that_stalls_over_http2_costs_its_stream_alone() {
    let server = start(Duration::from_millis(300)).await;
    let io = TokioIo::new(connect(&server).await);
    let (mut send, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let todos = format!("http://{}/todos", server.client.address);
    let request = || Request::post(&todos).header("content-type", "application/json");
    let stalled = Body::from_stream(stream::pending::<Result<&str, Infallible>>());
    let answer = send.send_request(request().body(stalled).unwrap()).await;
    assert_eq!(answer.unwrap().status(), 408);
    let whole = request().body(Body::from(r#"{"title":"buy milk"}"#));
    let answer = send.send_request(whole.unwrap()).await.unwrap();
    assert_eq!(answer.status(), 201);
    drop(send);
    server.stop().await;
}
