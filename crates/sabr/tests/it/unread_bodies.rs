//! If the body of a request is not read, its answer still arrives and the connection ends in order.

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use http::StatusCode;
use sabr::Sabr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::Server;

const LIMIT: usize = 1000;

async fn start() -> Server {
    let app = Router::new()
        .route("/refuse", post(async || StatusCode::UNSUPPORTED_MEDIA_TYPE))
        .route("/read", post(async |body: Bytes| body.len().to_string()))
        .layer(DefaultBodyLimit::max(LIMIT));
    Server::start(Sabr::default(), app).await
}

async fn connect(server: &Server, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn body_that_is_not_expected_is_refused_without_100_continue() {
    let server = start().await;
    let head =
        "POST /refuse HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: 10\r\n\r\n";
    let mut stream = connect(&server, head).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 415 "), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
}

#[tokio::test]
async fn body_that_is_expected_is_asked_for() {
    let server = start().await;
    let head =
        "POST /read HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n";
    let mut stream = connect(&server, head).await;
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"body").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

/// A client that sends a whole body before it reads. Without lingering, the close would reset the
/// connection, and the reset would destroy the answer.
#[tokio::test]
async fn answer_to_a_body_that_is_not_read_reaches_a_client_that_is_still_sending() {
    let server = start().await;
    let counted = "content-length: 30000000\r\n\r\n".to_owned();
    let chunked = "transfer-encoding: chunked\r\n\r\n1c9c380\r\n".to_owned();
    for (path, rest, status) in [
        ("/refuse", &counted, "415"),
        ("/read", &counted, "413"),
        ("/refuse", &chunked, "415"),
        ("/read", &chunked, "413"),
    ] {
        let head = format!("POST {path} HTTP/1.1\r\nhost: test\r\n{rest}");
        let mut stream = connect(&server, &head).await;
        for _ in 0..30 {
            stream.write_all(&vec![b'x'; 1_000_000]).await.unwrap();
        }
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
        assert!(answer.contains("connection: close\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn small_body_that_is_not_read_leaves_its_connection_open() {
    let server = start().await;
    let request = "POST /refuse HTTP/1.1\r\nhost: test\r\ncontent-length: 4\r\n\r\nbody";
    let mut stream = connect(&server, request).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    assert_eq!(answers.matches("HTTP/1.1 415 ").count(), 2, "{answers}");
    assert!(!answers.contains("connection: close"), "{answers}");
}
