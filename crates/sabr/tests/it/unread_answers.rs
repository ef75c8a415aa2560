//! Clients that do not read their answers hold bounded memory, and for a bounded time.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::routing::get;
use bytes::Bytes;
use futures_util::stream;
use http::{Method, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use sabr::Sabr;
use tokio::net::TcpStream;

use crate::support::{Log, Server, read, request};

/// The number of answers in memory.
#[derive(Clone, Default)]
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn answer(&self, size: usize) -> Body {
        self.0.fetch_add(1, Ordering::Relaxed);
        let answer = Answer(vec![0; size], self.clone());
        Body::from(Bytes::from_owner(answer))
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    async fn wait_for(&self, count: usize) {
        while self.count() != count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

struct Answer(Vec<u8>, Alive);

impl AsRef<[u8]> for Answer {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.1.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// `/{size}` answers with this many bytes.
fn app(alive: &Alive) -> Router {
    let (read, written) = (alive.clone(), alive.clone());
    let get = get(async move |Path(size): Path<usize>| read.answer(size));
    Router::new().route(
        "/{size}",
        get.post(async move |Path(size): Path<usize>| written.answer(size)),
    )
}

/// A connection whose streams have windows of this size.
async fn connect(server: &Server, window: u32) -> SendRequest<Body> {
    let io = TokioIo::new(TcpStream::connect(server.address).await.unwrap());
    let (send, connection) = Builder::new(TokioExecutor::new())
        .initial_stream_window_size(window)
        .initial_connection_window_size(100 << 20)
        .handshake(io)
        .await
        .unwrap();
    tokio::spawn(async { drop(connection.await) });
    send
}

async fn ask(send: &mut SendRequest<Body>, method: Method, size: usize) -> Response<Incoming> {
    let request = request(method, &format!("http://test/{size}"));
    send.send_request(request).await.unwrap()
}

#[tokio::test]
async fn http2_stream_whose_client_takes_nothing_is_reset_and_its_connection_goes_on() {
    let sabr = Sabr::builder()
        .idle_timeout(Duration::from_millis(100))
        .response_memory(1 << 30);
    let alive = Alive::default();
    let server = Server::start(sabr.build(), app(&alive)).await;
    for (window, size) in [
        (0, 2_000),
        (0, 10 << 20),
        (1, 2_000),
        (1, 16 * 1024),
        (10_000, 20_000),
        (65_535, 65_536),
        (65_535, 10 << 20),
        (65_535, 66_000),
    ] {
        let mut send = connect(&server, window).await;
        let mut answers = Vec::new();
        for _ in 0..20 {
            answers.push(ask(&mut send, Method::GET, size).await);
        }
        alive.wait_for(0).await;
        for answer in answers {
            assert_eq!(answer.status(), StatusCode::OK);
            answer.into_body().collect().await.unwrap_err();
        }
        if window > 1 {
            let read = read(ask(&mut send, Method::GET, 50_000).await).await;
            assert_eq!(read.1.len(), 50_000, "{window} {size}");
        }
    }
}

#[tokio::test]
async fn answers_that_are_read_arrive_whole() {
    let alive = Alive::default();
    let server = Server::start(Sabr::default(), app(&alive)).await;
    let mut http2 = connect(&server, 65_535).await;
    let mut http1 = server.connect().await;
    for size in [0, 1, 1024, 1025, 16_384, 16_385, 65_536, 65_537, 10 << 20] {
        let answer = ask(&mut http2, Method::GET, size).await;
        let length = size.to_string();
        assert_eq!(answer.headers()[header::CONTENT_LENGTH], length.as_str());
        assert_eq!(read(answer).await.1.len(), size);
        let answer = http1.request(Method::GET, &format!("/{size}")).await;
        assert_eq!(answer.headers()[header::CONTENT_LENGTH], length.as_str());
        assert_eq!(read(answer).await.1.len(), size);
    }
    alive.wait_for(0).await;
}

const SIZE: usize = 10 << 20;

fn three_answers() -> Sabr {
    Sabr::builder().response_memory(3 * SIZE).build()
}

#[tokio::test]
async fn large_answers_over_the_common_bound_are_refused_until_others_are_read() {
    let alive = Alive::default();
    let server = Server::start(three_answers(), app(&alive)).await;
    let mut send = connect(&server, 65_535).await;
    let (mut held, mut refused) = (Vec::new(), 0);
    for _ in 0..100 {
        let answer = ask(&mut send, Method::GET, SIZE).await;
        match answer.status() {
            StatusCode::OK => held.push(answer),
            status => {
                assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
                assert_eq!(answer.headers()[header::RETRY_AFTER], "1");
                refused += 1;
            }
        }
    }
    assert_eq!((held.len(), refused, alive.count()), (3, 97, 3));
    let small = read(ask(&mut send, Method::GET, 60_000).await).await;
    assert_eq!(small.1.len(), 60_000, "small answers are not refused");
    let written = read(ask(&mut send, Method::POST, SIZE).await).await;
    assert_eq!(written.1.len(), SIZE, "what has happened is told");
    assert_eq!(read(held.pop().unwrap()).await.1.len(), SIZE);
    alive.wait_for(2).await;
    let mut other = server.connect().await;
    let answer = other.get(&format!("/{SIZE}")).await;
    assert_eq!(answer.1.len(), SIZE, "there is room again");
    drop(held);
    alive.wait_for(0).await;
}

#[tokio::test]
async fn http1_readers_share_the_bound() {
    let alive = Alive::default();
    let server = Server::start(three_answers(), app(&alive)).await;
    let mut held = Vec::new();
    for _ in 0..20 {
        let mut client = server.connect().await;
        let answer = client.request(Method::GET, &format!("/{SIZE}")).await;
        held.push((client, answer));
    }
    let ok = held
        .iter()
        .filter(|(_, answer)| answer.status().is_success());
    assert_eq!(ok.count(), 3);
    assert_eq!(alive.count(), 3);
    drop(held);
}

#[tokio::test]
async fn streamed_answer_waits_for_room_before_it_makes_its_next_frame() {
    let log = Log::default();
    let seen = log.clone();
    let answer = async move |Path(name): Path<String>| {
        let frames = stream::unfold(seen.clone(), move |seen| {
            seen.write(format!("{name} made a frame"));
            async { Some((Ok::<_, Infallible>(Bytes::from(vec![0; 20_000])), seen)) }
        });
        Body::from_stream(frames)
    };
    let sabr = Sabr::builder().response_memory(10_000).build();
    let server = Server::start(sabr, Router::new().route("/{name}", get(answer))).await;
    let ask = async |send: &mut SendRequest<Body>, name: &str| {
        let request = request(Method::GET, &format!("http://test/{name}"));
        send.send_request(request).await.unwrap()
    };
    let mut first = connect(&server, 1000).await;
    let held = ask(&mut first, "first").await;
    log.wait_for("first made a frame").await;
    let mut second = connect(&server, 1 << 20).await;
    let mut waiting = ask(&mut second, "second").await;
    assert_eq!(log.events(), ["first made a frame"]);
    drop(held);
    let frame = waiting.frame().await.unwrap().unwrap();
    assert!(frame.is_data());
}
