//! The surroundings of a plain `fn`, on the pool and in place.

use std::sync::Arc;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use sabr::{NotRun, Place, Reason, Sabr, blocking, compute, sync};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, mpsc};
use tower::ServiceExt;

use crate::support::request;

async fn ask(app: &Router) -> (StatusCode, String) {
    let answer = app
        .clone()
        .oneshot(request(Method::GET, "/"))
        .await
        .unwrap();
    let (head, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (head.status, String::from_utf8(body.to_vec()).unwrap())
}

/// Calls the endpoint often enough for its promotion, and for calls in place after that.
async fn many(app: &Router) -> Vec<(StatusCode, String)> {
    let mut answers = Vec::new();
    for _ in 0..500 {
        answers.push(ask(app).await);
    }
    answers
}

/// An endpoint with a clock that stands still. Its calls take no time, so it is promoted after 64.
fn endpoint<R: IntoResponse>(f: impl Fn() -> R + Clone + Send + Sync + 'static) -> (Sabr, Router) {
    let now = std::time::Instant::now();
    let sabr = Sabr::builder().clock(move || now).build();
    let app = Router::new().route("/", get(sync(f))).layer(sabr.layer());
    (sabr, app)
}

async fn fails_at_most_once(f: impl Fn() -> &'static str + Clone + Send + Sync + 'static) {
    let (sabr, app) = endpoint(f);
    let answers = many(&app).await;
    let failed = answers
        .iter()
        .filter(|(status, _)| *status != StatusCode::OK);
    assert_eq!(failed.count(), 1);
    let stats = &sabr.endpoints()[0];
    assert_eq!((stats.place, stats.reason), (Place::Pool, Reason::Panicked));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_panic_on_the_event_loop_stay_on_the_pool() {
    let lock = Arc::new(Mutex::new(0));
    fails_at_most_once(move || {
        *lock.blocking_lock() += 1;
        "ok"
    })
    .await;
    fails_at_most_once(|| Handle::current().block_on(async { "ok" })).await;
    let handle = Handle::current();
    fails_at_most_once(move || handle.block_on(async { "ok" })).await;
    let (sender, receiver) = mpsc::channel(1);
    let receiver = Arc::new(std::sync::Mutex::new(receiver));
    fails_at_most_once(move || {
        sender.blocking_send(()).unwrap();
        receiver
            .lock()
            .unwrap_or_else(|lock| lock.into_inner())
            .try_recv()
            .unwrap();
        "ok"
    })
    .await;
}

#[tokio::test]
async fn block_in_place_fails_at_most_once_on_one_thread() {
    fails_at_most_once(|| tokio::task::block_in_place(|| "ok")).await;
}

/// Checks that the answers before and after the promotion are the same.
async fn is_the_same_in_both_places(f: impl Fn() -> String + Clone + Send + Sync + 'static) {
    let (sabr, app) = endpoint(f);
    let mut answers = many(&app).await;
    assert_eq!(sabr.endpoints()[0].promotions, 1);
    assert_eq!(answers[0].0, StatusCode::OK);
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn runtime_is_there_in_both_places() {
    is_the_same_in_both_places(|| format!("{:?}", Handle::current().id())).await;
    is_the_same_in_both_places(|| {
        drop(tokio::spawn(async {}));
        drop(sabr::spawn(async {}));
        drop(tokio::time::sleep(std::time::Duration::ZERO));
        String::from("spawned")
    })
    .await;
}

#[tokio::test]
async fn request_is_there_in_both_places() {
    // A task of the request can use the pools of its `Sabr`.
    let (result, mut results) = mpsc::unbounded_channel();
    let collect = tokio::spawn(async move {
        let mut sums = Vec::new();
        while let Some(sum) = results.recv().await {
            sums.push(sum);
        }
        sums
    });
    is_the_same_in_both_places(move || {
        let result = result.clone();
        drop(sabr::spawn(async move {
            let sum: Result<i32, NotRun> = compute(|| 6 * 7).await;
            result.send(sum).unwrap();
        }));
        String::from("spawned")
    })
    .await;
    let sums = collect.await.unwrap();
    assert!(sums.iter().all(|sum| *sum == Ok(42)), "{sums:?}");
}

#[tokio::test]
async fn budget_of_cooperative_tasks_does_not_count() {
    is_the_same_in_both_places(|| {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        for n in 0..1000 {
            sender.send(n).unwrap();
        }
        let mut received = 0;
        while let Some(Some(_)) = futures_util::FutureExt::now_or_never(receiver.recv()) {
            received += 1;
        }
        received.to_string()
    })
    .await;
}

#[tokio::test]
async fn runtime_is_there_on_every_pool() {
    let sabr = Sabr::default();
    let spawned = sabr.compute(|| tokio::spawn(async { 1 })).await.unwrap();
    assert_eq!(spawned.await.unwrap(), 1);
    let spawned = sabr.blocking(|| sabr::spawn(async { 2 })).await.unwrap();
    assert_eq!(spawned.await.unwrap(), 2);
    let waited = sabr.blocking(|| Handle::current().block_on(async { 3 }));
    assert_eq!(waited.await.unwrap(), 3);
}

#[tokio::test]
async fn work_outside_of_a_request_is_refused_with_advice() {
    let error = compute(|| ()).await.unwrap_err();
    assert!(error.to_string().contains("sabr::spawn"), "{error}");
    assert_eq!(blocking(|| ()).await, Err(error));
    // A task of `tokio::spawn` is outside of the request too.
    let spawns = async || {
        let spawned = tokio::spawn(compute(|| ())).await.unwrap();
        spawned.map_err(StatusCode::from)
    };
    let app = Router::new().route("/", get(spawns));
    let app = app.layer(Sabr::default().layer());
    assert_eq!(ask(&app).await.0, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn extractor_without_a_layer_says_what_is_missing() {
    let app = Router::new().route("/", get(async |_: sabr::BackgroundTasks| "hello"));
    let (status, body) = ask(&app).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(body.contains(".layer(sabr.layer())"), "{body}");
}
