//! Plain functions as endpoints, and heavy steps inside async ones.

use std::sync::mpsc;

use axum::extract::{Path, State};
use axum::http::Uri;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{Method, StatusCode};
use sabr::{ClientGone, PoolKind, Sabr, blocking, compute, sync};

use crate::support::{Server, request};

#[tokio::test]
async fn plain_function_answers_without_arguments() {
    let app = Router::new().route("/", get(sync(|| "plain")));
    let server = Server::start(Sabr::default(), app).await;
    assert_eq!(server.get("/").await.1, "plain");
}

#[tokio::test]
async fn plain_function_takes_extractors_state_and_body() {
    fn add(State(base): State<u64>, Path(n): Path<u64>, body: String) -> Json<u64> {
        Json(base + n + body.len() as u64)
    }
    let app = Router::new()
        .route("/{n}", post(sync(add)))
        .with_state(100_u64);
    let server = Server::start(Sabr::default(), app).await;
    let mut client = server.connect().await;
    let response = client.request(Method::POST, "/7").await;
    assert_eq!(crate::support::read(response).await.1, "107");
}

#[tokio::test]
async fn plain_function_takes_sixteen_extractors() {
    #[rustfmt::skip]
    #[expect(clippy::too_many_arguments, reason = "as many as can be")]
    fn all(a: Uri, _: Uri, _: Uri, _: Uri, _: Uri, _: Uri, _: Uri, _: Uri,
           _: Uri, _: Uri, _: Uri, _: Uri, _: Uri, _: Uri, _: Uri, _: String) -> String {
        a.path().to_owned()
    }
    let app = Router::new().route("/path", get(sync(all)));
    let server = Server::start(Sabr::default(), app).await;
    assert_eq!(server.get("/path").await.1, "/path");
}

#[tokio::test]
async fn rejection_of_an_extractor_is_the_answer() {
    let app = Router::new().route("/{n}", get(sync(|Path(n): Path<u8>| n.to_string())));
    let server = Server::start(Sabr::default(), app).await;
    assert_eq!(server.get("/7").await.0, StatusCode::OK);
    assert_eq!(server.get("/700").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn panic_answers_500_and_leaves_the_connection_open() {
    let app = Router::new()
        .route("/sync", get(sync(|| -> &'static str { panic!("sync") })))
        .route(
            "/in-place",
            get(sync(|| -> &'static str { panic!("in place") }).in_place()),
        )
        .route("/async", get(async || -> &'static str { panic!("async") }))
        .route(
            "/compute",
            get(async || compute(|| -> &'static str { panic!("compute") }).await),
        )
        .route(
            "/finish",
            get(sabr::finish(async || -> &'static str { panic!("finish") })),
        )
        .route("/fine", get(async || "fine"));
    let server = Server::start(Sabr::default(), app).await;
    let mut client = server.connect().await;
    for path in ["/sync", "/in-place", "/async", "/compute", "/finish"] {
        let (status, body) = client.get(path).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(
            body.starts_with(br#"{"type":"about:blank","#),
            "{path}: {body:?}"
        );
        assert_eq!(client.get("/fine").await.1, "fine", "after {path}");
    }
}

#[tokio::test]
async fn heavy_steps_run_on_the_pools_of_their_service() {
    let app = Router::new().route(
        "/",
        get(async || {
            let n = compute(|| 6 * 7).await?;
            let name = blocking(|| std::thread::current().name().map(str::to_owned)).await?;
            Ok::<_, sabr::NotRun>(format!("{n} {}", name.unwrap()))
        }),
    );
    let server = Server::start(Sabr::default(), app).await;
    assert_eq!(server.get("/").await.1, "42 sabr-blocking");
    assert_eq!(server.sabr.pool(PoolKind::Compute).finished, 1);
    assert_eq!(server.sabr.pool(PoolKind::Blocking).finished, 1);
}

#[tokio::test]
async fn sync_endpoint_can_ask_whether_its_client_has_left() {
    let (started, is_started) = mpsc::channel();
    let (gave_up, has_given_up) = mpsc::channel();
    let app = Router::new().route(
        "/",
        get(sync(move |client: ClientGone| {
            started.send(client.is_gone()).unwrap();
            while !client.is_gone() {
                std::thread::yield_now();
            }
            gave_up.send(()).unwrap();
        })),
    );
    let server = Server::start(Sabr::default(), app).await;
    let mut client = server.connect().await;
    let asked = client.send.send_request(request(Method::GET, "/"));
    let was_gone = server.sabr.blocking(move || is_started.recv().unwrap());
    let was_gone = was_gone.await.unwrap();
    assert!(!was_gone);
    drop(asked);
    client.closed.abort();
    let gave_up = server.sabr.blocking(move || has_given_up.recv().unwrap());
    gave_up.await.unwrap();
}

#[tokio::test]
async fn same_endpoint_works_without_a_layer() {
    use tower::ServiceExt;
    let app: Router = Router::new().route("/", get(sync(|| "plain")));
    let response = app.oneshot(request(Method::GET, "/")).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}
