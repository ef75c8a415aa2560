//! Bodies of sync endpoints: small ones are parsed on the event loop, large ones on the pool.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::routing::post;
use axum::{Json, Router};
use futures_util::stream;
use http::{StatusCode, header};
use http_body_util::BodyExt;
use sabr::{Sabr, sync};
use serde::Deserialize;
use tokio::sync::Notify;
use tower::ServiceExt;

/// Returns the place that parsed the body, the place that runs the function, and the length.
fn parsed_on(Json(parsed): Json<Parsed>) -> String {
    format!("{} {} {}", parsed.on, here(), parsed.length)
}

fn here() -> &'static str {
    let this = std::thread::current();
    match this.name() {
        Some("sabr-endpoint") => "pool",
        _ => "loop",
    }
}

/// The length of a string, and the place that parsed it.
struct Parsed {
    on: &'static str,
    length: usize,
}

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let length = String::deserialize(from)?.len();
        let on = here();
        Ok(Self { on, length })
    }
}

fn app() -> Router {
    Router::new()
        .route("/", post(sync(parsed_on)))
        .route("/pinned", post(sync(parsed_on).in_place()))
        .layer(Sabr::default().layer())
}

fn json(body: Body) -> Request {
    let request = http::Request::post("/").header(header::CONTENT_TYPE, "application/json");
    request.body(body).unwrap()
}

async fn ask(app: Router, request: Request) -> (StatusCode, String) {
    let (head, body) = app.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (head.status, String::from_utf8(body.to_vec()).unwrap())
}

fn text(length: usize) -> String {
    format!("\"{}\"", "x".repeat(length))
}

/// A body that sends the text in pieces, without a length.
fn pieces(text: &str) -> Body {
    let pieces: Vec<_> = text
        .as_bytes()
        .chunks(1000)
        .map(Bytes::copy_from_slice)
        .collect();
    Body::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, axum::Error>)))
}

#[tokio::test]
async fn large_body_is_parsed_on_the_pool() {
    for length in [20_000, 1_400_000] {
        let answer = ask(app(), json(text(length).into())).await;
        assert_eq!(answer, (StatusCode::OK, format!("pool pool {length}")));
        let answer = ask(app(), json(pieces(&text(length)))).await;
        assert_eq!(answer, (StatusCode::OK, format!("pool pool {length}")));
    }
}

#[tokio::test]
async fn small_body_is_parsed_on_the_event_loop() {
    for body in [Body::from(text(10_000)), pieces(&text(10_000))] {
        let answer = ask(app(), json(body)).await;
        assert_eq!(answer, (StatusCode::OK, "loop pool 10000".to_owned()));
    }
}

#[tokio::test]
async fn endpoint_that_is_pinned_in_place_parses_in_place() {
    let mut request = json(text(100_000).into());
    *request.uri_mut() = "/pinned".parse().unwrap();
    let answer = ask(app(), request).await;
    assert_eq!(answer, (StatusCode::OK, "loop loop 100000".to_owned()));
}

/// A refusal on the pool has the same status and text as one on the event loop.
#[tokio::test]
async fn refusals_are_those_of_the_extractor() {
    let plain = Router::new().route("/", post(async |_: Json<Parsed>| ()));
    let broken = format!("\"{}", "x".repeat(50_000));
    let too_long = text(3_000_000);
    for (body, expected) in [
        (broken.as_str(), StatusCode::BAD_REQUEST),
        ("[1, 2]", StatusCode::UNPROCESSABLE_ENTITY),
        (too_long.as_str(), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        for make in [|text: &str| Body::from(text.to_owned()), pieces] {
            let expected_words = ask(plain.clone(), json(make(body))).await;
            assert_eq!(expected_words.0, expected);
            let found = ask(app(), json(make(body))).await;
            let same = match expected {
                StatusCode::BAD_REQUEST => found.0 == expected,
                _ => found == expected_words,
            };
            assert!(same, "{found:?} instead of {expected_words:?}");
        }
    }
    let mut untyped = json(text(50_000).into());
    untyped.headers_mut().remove(header::CONTENT_TYPE);
    let (status, _) = ask(app(), untyped).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn limit_of_the_router_holds() {
    let app = Router::new()
        .route("/", post(sync(|body: Bytes| body.len().to_string())))
        .layer(DefaultBodyLimit::max(5_000_000))
        .layer(Sabr::default().layer());
    let answer = ask(app.clone(), json(vec![b'x'; 4_000_000].into())).await;
    assert_eq!(answer, (StatusCode::OK, "4000000".to_owned()));
    let (status, _) = ask(app, json(vec![b'x'; 6_000_000].into())).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn body_that_breaks_off_is_refused() {
    let frames = [Ok(Bytes::from(vec![b'"'; 30_000])), Err("broken off")];
    let (status, _) = ask(app(), json(Body::from_stream(stream::iter(frames)))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

/// A body that never arrives. A request that reads it is never answered.
fn never() -> Body {
    Body::from_stream(stream::pending::<Result<Bytes, axum::Error>>())
}

struct Refuses;

impl<S: Sync> FromRequestParts<S> for Refuses {
    type Rejection = StatusCode;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        Err(StatusCode::UNAUTHORIZED)
    }
}

#[tokio::test]
async fn body_is_read_only_when_the_last_extractor_asks() {
    let app = Router::new()
        .route("/", post(sync(|_: Refuses, _: Bytes| "")))
        .route("/parts", post(sync(|uri: http::Uri| uri.path().to_owned())))
        .route("/body", post(sync(|body: Body| body)))
        .layer(Sabr::default().layer());
    let (status, _) = ask(app.clone(), json(never())).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let mut parts = json(never());
    *parts.uri_mut() = "/parts".parse().unwrap();
    assert_eq!(ask(app.clone(), parts).await.1, "/parts");
    // A function that takes the body itself reads it as it arrives.
    let mut echo = json(pieces(&text(3_000_000)));
    *echo.uri_mut() = "/body".parse().unwrap();
    assert_eq!(ask(app, echo).await.1.len(), 3_000_002);
}

/// An extractor that waits for something else after it has read the body.
struct Waits(&'static str);

impl FromRequest<Arc<Notify>> for Waits {
    type Rejection = StatusCode;

    async fn from_request(request: Request, state: &Arc<Notify>) -> Result<Self, StatusCode> {
        let read = request.into_body().collect().await;
        read.map_err(|_| StatusCode::BAD_REQUEST)?;
        let notify = Arc::clone(state);
        tokio::spawn(async move { notify.notify_one() });
        state.notified().await;
        Ok(Self(here()))
    }
}

#[tokio::test]
async fn extractor_that_waits_goes_on_where_it_parses() {
    let app = Router::new()
        .route("/", post(sync(|Waits(on): Waits| on)))
        .with_state(Arc::new(Notify::new()))
        .layer(Sabr::default().layer());
    for body in [Body::from(text(50_000)), pieces(&text(5_000_000))] {
        let answer = ask(app.clone(), json(body)).await;
        assert_eq!(answer, (StatusCode::OK, "pool".to_owned()));
    }
}
