//! Background tasks and the connection of their response do not affect each other.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{Next, from_fn};
use axum::routing::{get, post};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use sabr::{BackgroundTasks, Overloaded, Sabr, blocking, sync};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tower::Service;

use crate::support::{Log, Server, fail, read, request};

#[tokio::test]
async fn slow_task_does_not_delay_the_next_request_of_its_connection() {
    let (log, go_on) = (Log::default(), Arc::new(Notify::new()));
    let (seen, wait) = (log.clone(), Arc::clone(&go_on));
    let handler = async move |tasks: BackgroundTasks| {
        let (seen, wait) = (seen.clone(), Arc::clone(&wait));
        tasks
            .add(async move {
                seen.write("started");
                wait.notified().await;
                seen.write("ended");
            })
            .map(drop)
    };
    let app = Router::new()
        .route("/", get(handler))
        .route("/next", get(async || "next"));
    let server = Server::start(Sabr::default(), app).await;
    let mut client = server.connect().await;
    client.get("/").await;
    log.wait_for("started").await;
    assert_eq!(client.get("/next").await.1, "next");
    assert_eq!(log.events(), ["started"]);
    go_on.notify_one();
    log.wait_for("ended").await;
}

/// In uvicorn, a task that fails late closes the keep-alive connection, so the next request on the
/// connection fails.
#[tokio::test]
async fn late_background_failure_leaves_connection_open() {
    let (log, go_on) = (Log::default(), Arc::new(Notify::new()));
    let (seen, wait) = (log.clone(), Arc::clone(&go_on));
    let handler = async move |tasks: BackgroundTasks| {
        let (seen, wait) = (seen.clone(), Arc::clone(&wait));
        tasks.add(async move {
            wait.notified().await;
            seen.write("failing");
            Err("too late for anybody to hear")
        })?;
        tasks.add(async { fail("too late as well") })?;
        Ok::<_, Overloaded>("answer")
    };
    // Held until the tasks of the first request have failed, so that they fail while this request
    // is in flight.
    let (told, held) = (log.clone(), Arc::new(Notify::new()));
    let release = Arc::clone(&held);
    let next = async move || {
        told.write("next is in flight");
        held.notified().await;
        "next"
    };
    let app = Router::new()
        .route("/", get(handler))
        .route("/next", get(next));
    let server = Server::start(Sabr::default(), app).await;
    let mut client = server.connect().await;
    assert_eq!(client.get("/").await, (StatusCode::OK, "answer".into()));
    let next = client.send.send_request(request(Method::GET, "/next"));
    log.wait_for("next is in flight").await;
    go_on.notify_one();
    server.sabr.tasks_idle().await;
    assert_eq!(server.sabr.task_stats().failed, 2);
    release.notify_one();
    assert_eq!(read(next.await.unwrap()).await.1, "next");
    assert!(!client.closed.is_finished());
}

#[tokio::test]
async fn failing_task_leaves_an_http2_connection_open() {
    let app = Router::new().route(
        "/",
        get(async |tasks: BackgroundTasks| {
            tasks.add(async { fail("task") })?;
            Ok::<_, Overloaded>("answer")
        }),
    );
    let server = Server::start(Sabr::default(), app).await;
    let mut client = server.connect_http2().await;
    for _ in 0..3 {
        let answer = client.send_request(request(Method::GET, "http://test/"));
        assert_eq!(read(answer.await.unwrap()).await.1, "answer");
        server.sabr.tasks_idle().await;
    }
    assert_eq!(server.sabr.task_stats().failed, 3);
}

/// A response counts as sent when the connection has taken it. So a client that reads nothing does
/// not delay tasks.
#[tokio::test]
async fn large_body_that_its_client_does_not_read_starts_tasks() {
    let log = Log::default();
    let seen = log.clone();
    let handler = async move |tasks: BackgroundTasks| {
        let seen = seen.clone();
        tasks.add(async move { seen.write("task") })?;
        Ok::<_, Overloaded>(vec![0; 30 << 20])
    };
    let server = Server::start(Sabr::default(), Router::new().route("/", get(handler))).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n")
        .await
        .unwrap();
    log.wait_for("task").await;
}

/// Starlette's `BaseHTTPMiddleware` has blocked on tasks, cancelled them, and started them too
/// early.
#[tokio::test]
async fn middleware_that_replaces_the_body_neither_blocks_nor_hurries_tasks() {
    let log = Log::default();
    let (task, outer) = (log.clone(), log.clone());
    let handler = async move |tasks: BackgroundTasks| {
        let task = task.clone();
        tasks.add(async move { task.write("task") })?;
        Ok::<_, Overloaded>("inner")
    };
    let middleware = from_fn(move |request, next: Next| {
        let outer = outer.clone();
        async move {
            let response = next.run(request).await;
            let inner = response.into_body().collect().await.unwrap().to_bytes();
            tokio::task::yield_now().await;
            outer.write("middleware has read the inner body");
            Body::from([&inner[..], b" and outer"].concat())
        }
    });
    let app = Router::new().route("/", get(handler)).layer(middleware);
    let server = Server::start(Sabr::default(), app).await;
    assert_eq!(server.get("/").await.1, "inner and outer");
    log.wait_for("task").await;
    assert_eq!(log.events(), ["middleware has read the inner body", "task"]);
}

#[tokio::test]
async fn layer_inside_a_served_app_starts_tasks_once() {
    let log = Log::default();
    let seen = log.clone();
    let sabr = Sabr::default();
    let handler = async move |tasks: BackgroundTasks| {
        let seen = seen.clone();
        tasks.add(async move { seen.write("task") }).map(drop)
    };
    let app = Router::new().route("/", get(handler)).layer(sabr.layer());
    let server = Server::start(sabr, app).await;
    server.get("/").await;
    server.sabr.tasks_idle().await;
    assert_eq!(log.events(), ["task"]);
}

#[tokio::test]
async fn blocking_call_leaves_the_event_loop_to_others() {
    let (open, opened) = std::sync::mpsc::channel::<()>();
    let opened = Arc::new(std::sync::Mutex::new(opened));
    let log = Log::default();
    let seen = log.clone();
    let slow = async move || {
        seen.write("blocking");
        let opened = Arc::clone(&opened);
        blocking(move || opened.lock().unwrap().recv().unwrap()).await
    };
    let app = Router::new()
        .route("/slow", get(slow))
        .route("/", get(async || "bystander"));
    let server = Server::start(Sabr::default(), app).await;
    let mut client = server.connect().await;
    let slow = client.send.send_request(request(Method::GET, "/slow"));
    log.wait_for("blocking").await;
    assert_eq!(server.get("/").await.1, "bystander");
    open.send(()).unwrap();
    assert_eq!(slow.await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn body_limit_applies_to_sync_endpoints() {
    let app = Router::new()
        .route("/", post(sync(|body: String| body)))
        .layer(DefaultBodyLimit::max(3));
    let server = Server::start(Sabr::default(), app).await;
    let mut client = server.connect().await;
    for (body, expected) in [
        ("abc", StatusCode::OK),
        ("abcd", StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let request = Request::post("/")
            .header("host", "test")
            .body(Body::from(body));
        client.send.ready().await.unwrap();
        let answer = client.send.send_request(request.unwrap()).await.unwrap();
        assert_eq!(read(answer).await.0, expected, "{body}");
    }
}

#[tokio::test]
async fn connection_can_be_upgraded_and_outlives_shutdown() {
    async fn upgrade(
        request: axum::extract::Request,
    ) -> (StatusCode, [(&'static str, &'static str); 2]) {
        let upgrade = hyper::upgrade::on(request);
        tokio::spawn(async move {
            let mut io = TokioIo::new(upgrade.await.unwrap());
            let mut word = [0; 4];
            io.read_exact(&mut word).await.unwrap();
            io.write_all(&word).await.unwrap();
        });
        let headers = [("connection", "upgrade"), ("upgrade", "echo")];
        (StatusCode::SWITCHING_PROTOCOLS, headers)
    }
    let server = Server::start(Sabr::default(), Router::new().route("/", get(upgrade))).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = b"GET / HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"));
    assert!(server.stop().await.is_clean());
    stream.write_all(b"ping").await.unwrap();
    let mut echo = [0; 4];
    stream.read_exact(&mut echo).await.unwrap();
    assert_eq!(&echo, b"ping");
}

/// A service that is never ready.
#[derive(Clone)]
struct Busy;

impl Service<axum::extract::Request> for Busy {
    type Response = axum::response::Response;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Pending
    }

    fn call(&mut self, _: axum::extract::Request) -> Self::Future {
        unreachable!("called although it is not ready")
    }
}

#[tokio::test]
async fn app_that_is_not_ready_is_answered_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serve = Sabr::default()
        .serve(listener, Busy)
        .with_shutdown(async { drop(stopped.await) });
    let served = tokio::spawn(async { serve.await });
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    stop.send(()).unwrap();
    assert!(served.await.unwrap().unwrap().is_clean());
}
