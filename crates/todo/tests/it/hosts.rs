//! The hosts that a request may name. The tests use raw sockets, because clients would not send
//! most of these.

use axum::http::{Request, Version};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::Server;

/// Sends these bytes, and returns the status and the body of the response.
pub(crate) async fn raw(address: &str, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer
        .split(' ')
        .nth(1)
        .map(|status| status.parse().unwrap());
    (status.unwrap(), answer)
}

#[tokio::test]
async fn a_host_that_is_missing_doubled_or_malformed_is_a_bad_request() {
    let server = Server::start().await;
    let address = &server.client.address;
    for (line, hosts, expected) in [
        ("GET /todos HTTP/1.1", "", 400),
        (
            "GET /todos HTTP/1.1",
            "host: localhost\r\nhost: localhost\r\n",
            400,
        ),
        (
            "GET /todos HTTP/1.1",
            "host: localhost\r\nhost: evil.example\r\n",
            400,
        ),
        ("GET /todos HTTP/1.1", "host:\r\n", 400),
        ("GET /todos HTTP/1.1", "host: a b\r\n", 400),
        ("GET /todos HTTP/1.1", "host: 127.0.0.1:x\r\n", 400),
        ("GET /todos HTTP/1.1", "host: user@127.0.0.1\r\n", 400),
        ("GET /todos HTTP/1.1", "host: 127.0.0.1:99999\r\n", 400),
        (
            "GET /todos HTTP/1.1",
            "host: m\u{fc}nchen.localhost\r\n",
            400,
        ),
        ("DELETE /todos HTTP/1.1", "host: [::1\r\n", 400),
        ("GET / HTTP/1.1", "", 400),
        ("GET /_sabr HTTP/1.1", "", 400),
        ("GET /nowhere HTTP/1.1", "", 400),
        ("GET /todos HTTP/1.1", "host: evil.example\r\n", 421),
        ("GET /todos HTTP/1.1", "host: evil.example:8000\r\n", 421),
        ("GET /todos HTTP/1.1", "host: [fe80::1]\r\n", 421),
        ("GET /todos HTTP/1.1", "host: LOCALHOST:\r\n", 200),
        // The target's host takes precedence (RFC 9112, section 3.2.2), but `Host` must still be
        // well-formed.
        (
            "GET http://localhost/todos HTTP/1.1",
            "host: evil.example\r\n",
            200,
        ),
        (
            "GET http://evil.example/todos HTTP/1.1",
            "host: localhost\r\n",
            421,
        ),
        (
            "GET http://user@localhost/todos HTTP/1.1",
            "host: localhost\r\n",
            400,
        ),
        ("GET http://localhost/todos HTTP/1.1", "", 400),
        ("GET todos HTTP/1.1", "host: localhost\r\n", 400),
        (
            "GET ftp://localhost/todos HTTP/1.1",
            "host: localhost\r\n",
            400,
        ),
        ("OPTIONS * HTTP/1.1", "host: localhost\r\n", 204),
        ("GET http://localhost/todos HTTP/1.1", "host: a b\r\n", 400),
        // HTTP/1.0 does not require `Host`, but uses it if it is there.
        ("GET /todos HTTP/1.0", "", 200),
        ("GET /todos HTTP/1.0", "host: localhost\r\n", 200),
        ("GET /todos HTTP/1.0", "host: evil.example\r\n", 421),
        ("GET /todos HTTP/1.0", "host: a b\r\n", 400),
        ("GET http://evil.example/todos HTTP/1.0", "", 421),
    ] {
        let request = format!("{line}\r\n{hosts}connection: close\r\n\r\n");
        let (status, answer) = raw(address, &request).await;
        assert_eq!(status, expected, "{request}{answer}");
        if status == 400 {
            assert!(answer.contains("/problems/bad-header"), "{request}{answer}");
        }
    }
    server.stop().await;
}

/// Without a host, an absolute URL cannot be built.
#[tokio::test]
async fn the_urls_of_an_answer_to_no_host_are_relative() {
    let server = Server::start().await;
    let body = "{\"title\":\"x\"}";
    let request = format!(
        "POST /todos HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let (status, answer) = raw(&server.client.address, &request).await;
    assert_eq!(status, 201, "{answer}");
    assert!(answer.contains("\r\nlocation: /todos/"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn in_http_2_a_host_other_than_the_authority_is_a_bad_request() {
    let server = Server::start().await;
    let address = &server.client.address;
    for (authority, host, expected) in [
        ("localhost", None, 200),
        ("localhost", Some("localhost"), 200),
        ("localhost:80", Some("LOCALHOST"), 200),
        ("localhost", Some("evil.example"), 400),
        ("evil.example", Some("localhost"), 400),
        ("localhost", Some("localhost:8000"), 400),
        ("evil.example", Some("evil.example"), 421),
        ("evil.example", None, 421),
    ] {
        let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
        let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream);
        let (mut send, connection) = handshake.await.unwrap();
        let connection = tokio::spawn(connection);
        let request = Request::builder().uri(format!("http://{authority}/todos"));
        let request = match host {
            Some(host) => request.header("host", host),
            None => request,
        };
        let request = request.version(Version::HTTP_2).body(Empty::<Bytes>::new());
        let answer = send.send_request(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), expected, "{authority} {host:?}");
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        if expected == 400 {
            let problem: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(problem["type"], "/problems/bad-header");
        }
        connection.abort();
    }
    server.stop().await;
}
