//! Tasks start at the end of the body, for every kind of response, and not before.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use sabr::{BackgroundTasks, Overloaded, Sabr, TaskId, TaskState};
use tokio::sync::mpsc;
use tower::ServiceExt;

use crate::support::{Log, Server, read, request};

/// An app with one route, which adds one task and returns the response of `respond`.
fn app<R: IntoResponse + 'static>(log: &Log, respond: fn() -> R) -> Router {
    let log = log.clone();
    let handler = async move |tasks: BackgroundTasks| {
        let seen = log.clone();
        tasks.always().add(async move { seen.write("task") })?;
        Ok::<_, Overloaded>(respond())
    };
    Router::new().route("/", get(handler))
}

/// The state of the first task, which is the only one in these tests.
fn state(sabr: &Sabr) -> TaskState {
    let id: TaskId = "1".parse().unwrap();
    sabr.task_state(id).unwrap()
}

/// Checks with a real server that the response to `method` starts the task.
async fn check_starts<R: IntoResponse + 'static>(method: Method, respond: fn() -> R) {
    let log = Log::default();
    let server = Server::start(Sabr::default(), app(&log, respond)).await;
    let mut client = server.connect().await;
    let response = client.request(method, "/").await;
    read(response).await;
    log.wait_for("task").await;
    server.sabr.tasks_idle().await;
    assert_eq!(state(&server.sabr), TaskState::Done);
}

#[tokio::test]
async fn fixed_body_starts_them() {
    check_starts(Method::GET, || "body").await;
}

#[tokio::test]
async fn streamed_body_starts_them() {
    check_starts(Method::GET, || {
        Body::from_stream(stream::iter(["a", "b"]).map(Ok::<_, Infallible>))
    })
    .await;
}

#[tokio::test]
async fn head_starts_them() {
    check_starts(Method::HEAD, || "body that is not sent").await;
}

#[tokio::test]
async fn no_content_starts_them() {
    check_starts(Method::GET, || StatusCode::NO_CONTENT).await;
}

#[tokio::test]
async fn not_modified_starts_them() {
    check_starts(Method::GET, || (StatusCode::NOT_MODIFIED, "not sent")).await;
}

#[tokio::test]
async fn error_response_starts_them() {
    check_starts(Method::GET, || (StatusCode::NOT_FOUND, "nothing here")).await;
}

#[tokio::test]
async fn http2_starts_them() {
    let log = Log::default();
    let server = Server::start(Sabr::default(), app(&log, || "body")).await;
    let mut client = server.connect_http2().await;
    let response = client
        .send_request(request(Method::GET, "http://test/"))
        .await
        .unwrap();
    assert_eq!(read(response).await.1, "body");
    log.wait_for("task").await;
}

#[tokio::test]
async fn not_before_the_last_frame_is_handed_over() {
    let log = Log::default();
    let sabr = Sabr::default();
    let app = app(&log, || {
        Body::from_stream(stream::iter(["a", "b"]).map(Ok::<_, Infallible>))
    });
    let response = app
        .layer(sabr.layer())
        .oneshot(request(Method::GET, "/"))
        .await
        .unwrap();
    let mut body = response.into_body();
    for frame in ["a", "b"] {
        assert_eq!(
            body.frame().await.unwrap().unwrap().into_data().unwrap(),
            frame
        );
        tokio::task::yield_now().await;
        assert_eq!(state(&sabr), TaskState::Queued, "after {frame}");
    }
    assert!(body.frame().await.is_none());
    sabr.tasks_idle().await;
    assert_eq!(state(&sabr), TaskState::Done);
}

#[tokio::test]
async fn fixed_body_is_at_its_end_when_the_connection_drops_it() {
    let log = Log::default();
    let sabr = Sabr::default();
    let app = app(&log, || "body").layer(sabr.layer());
    let response = app.oneshot(request(Method::GET, "/")).await.unwrap();
    let mut body = response.into_body();
    body.frame().await.unwrap().unwrap();
    assert!(body.is_end_stream());
    assert_eq!(state(&sabr), TaskState::Queued);
    drop(body);
    sabr.tasks_idle().await;
    assert_eq!(state(&sabr), TaskState::Done);
}

#[tokio::test]
async fn client_that_leaves_during_the_body_starts_them() {
    let log = Log::default();
    let server = Server::start(
        Sabr::default(),
        app(&log, || {
            // Why several writes: only a write shows that the client has closed the connection
            // rather than finished sending.
            Body::from_stream(stream::unfold((), async |()| {
                tokio::time::sleep(Duration::from_millis(1)).await;
                Some((Ok::<_, Infallible>("more"), ()))
            }))
        }),
    )
    .await;
    let mut client = server.connect().await;
    let mut response = client.request(Method::GET, "/").await;
    response.frame().await.unwrap().unwrap();
    assert_eq!(state(&server.sabr), TaskState::Queued);
    drop(response);
    client.closed.abort();
    log.wait_for("task").await;
}

#[tokio::test]
async fn client_that_leaves_during_the_handler_starts_those_for_errors() {
    let (log, seen) = (Log::default(), Log::default());
    let events = seen.clone();
    let handler = async move |tasks: BackgroundTasks| {
        let (on_error, on_success) = (events.clone(), events.clone());
        tasks
            .on_error()
            .add(async move { on_error.write("on error") })?;
        tasks.add(async move { on_success.write("on success") })?;
        log.write("in the handler");
        events.write("in the handler");
        pending::<Result<(), Overloaded>>().await
    };
    let server = Server::start(Sabr::default(), Router::new().route("/", get(handler))).await;
    let mut client = server.connect().await;
    let asked = client.send.send_request(request(Method::GET, "/"));
    seen.wait_for("in the handler").await;
    drop(asked);
    client.closed.abort();
    seen.wait_for("on error").await;
    server.sabr.tasks_idle().await;
    assert_eq!(seen.events(), ["in the handler", "on error"]);
    assert_eq!(server.sabr.task_stats().skipped, 1);
}

#[tokio::test]
async fn body_that_fails_starts_those_for_errors() {
    let log = Log::default();
    let server = Server::start(
        Sabr::default(),
        app(&log, || {
            Body::from_stream(stream::iter([Ok("first"), Err("broken")]))
        }),
    )
    .await;
    let mut client = server.connect().await;
    // The client may see a broken body or no response, depending on what was already sent.
    drop(client.send.send_request(request(Method::GET, "/")).await);
    log.wait_for("task").await;
}

#[tokio::test]
async fn streamed_body_may_add_tasks_of_its_own() {
    let (send, frames) = mpsc::unbounded_channel::<Bytes>();
    let log = Log::default();
    let seen = log.clone();
    let frames = std::sync::Mutex::new(Some(frames));
    let handler = async move |tasks: BackgroundTasks| -> Response {
        let mut frames = frames.lock().unwrap().take().unwrap();
        let seen = seen.clone();
        let frames = stream::poll_fn(move |cx| frames.poll_recv(cx)).map(move |frame| {
            let seen = seen.clone();
            let name = String::from_utf8_lossy(&frame).into_owned();
            tasks.add(async move { seen.write(name) }).unwrap();
            Ok::<_, Infallible>(frame)
        });
        Body::from_stream(frames).into_response()
    };
    let handler = std::sync::Arc::new(handler);
    let app = Router::new().route(
        "/",
        get(async move |tasks: BackgroundTasks| handler(tasks).await),
    );
    let server = Server::start(Sabr::default(), app).await;
    let mut client = server.connect().await;
    let response = client.request(Method::GET, "/").await;
    send.send(Bytes::from("first")).unwrap();
    send.send(Bytes::from("second")).unwrap();
    drop(send);
    assert_eq!(read(response).await.1, "firstsecond");
    log.wait_for("second").await;
    assert_eq!(log.events(), ["first", "second"]);
}
