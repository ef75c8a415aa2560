//! Advice works when it is followed, and assertions cannot pass by accident.

use std::convert::Infallible;
use std::thread::sleep;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Multipart, Request};
use axum::http::request::Parts;
use axum::routing::{get, post};
use axum::{Router, middleware};
use futures_util::StreamExt;
use http::header;
use http_body_util::BodyExt;
use sabr::ledger::{RouteRule, Severity, Thresholds, Verdict, VerdictKind};
use sabr::{Sabr, blocking, compute, sync};
use tower::ServiceExt;

const BLOCKS: Duration = Duration::from_millis(2);

fn get_request(path: &str) -> Request {
    Request::get(path).body(Body::empty()).unwrap()
}

/// The verdict after `count` requests. `request` makes each of them.
async fn verdict(router: Router, count: usize, request: impl Fn() -> Request) -> Verdict {
    let sabr = Sabr::default();
    let app = router.layer(sabr.layer());
    for _ in 0..count {
        let answer = app.clone().oneshot(request()).await.unwrap();
        answer.into_body().collect().await.unwrap();
    }
    let mut endpoints = sabr.ledger().endpoints();
    assert_eq!(endpoints.len(), 1);
    endpoints.remove(0).verdict
}

async fn verdict_on(router: Router) -> Verdict {
    verdict(router, 40, || get_request("/")).await
}

#[track_caller]
fn advises(verdict: &Verdict, kind: VerdictKind, words: &str) {
    assert_eq!(verdict.kind, kind, "{verdict:?}");
    let advice = verdict.advice.as_deref().unwrap_or_default();
    assert!(advice.contains(words), "{advice}");
}

fn spin(time: Duration) {
    let began = Instant::now();
    while began.elapsed() < time {
        std::hint::spin_loop();
    }
}

struct Blocks;

impl<S: Sync> FromRequestParts<S> for Blocks {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
        sleep(BLOCKS);
        Ok(Self)
    }
}

struct BlocksOnPool;

impl<S: Sync> FromRequestParts<S> for BlocksOnPool {
    type Rejection = sabr::NotRun;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, sabr::NotRun> {
        blocking(|| sleep(BLOCKS)).await?;
        Ok(Self)
    }
}

#[tokio::test]
async fn extractor_that_blocks_is_advised_whatever_the_handler_is() {
    let handler = async |_: Blocks| "";
    let first = verdict_on(Router::new().route("/", get(handler))).await;
    advises(&first, VerdictKind::BlocksEventLoop, "sabr::blocking");
    // Making the handler a plain `fn` does not help, so the advice then names the extractor.
    let second = verdict_on(Router::new().route("/", get(sync(|_: Blocks| "")))).await;
    advises(
        &second,
        VerdictKind::BlocksEventLoop,
        "an extractor or a middleware",
    );
    let followed = verdict_on(Router::new().route("/", get(sync(|_: BlocksOnPool| "")))).await;
    assert_eq!(followed.severity, Severity::Good, "{followed:?}");
}

#[tokio::test]
async fn middleware_that_blocks_is_advised_for_a_sync_endpoint() {
    let blocks = async |request, next: middleware::Next| {
        sleep(BLOCKS);
        next.run(request).await
    };
    let app = Router::new().route("/", get(sync(|| "")));
    let first = verdict_on(app.layer(middleware::from_fn(blocks))).await;
    advises(
        &first,
        VerdictKind::BlocksEventLoop,
        "an extractor or a middleware",
    );
}

/// A body that calls `make` for each piece, inside a poll.
fn pieces(make: impl Fn() + Send + 'static) -> Body {
    let pieces = futures_util::stream::iter(0..3).map(move |_| {
        make();
        Ok::<_, Infallible>(Bytes::from_static(b"piece"))
    });
    Body::from_stream(pieces)
}

#[tokio::test]
async fn body_that_computes_or_blocks_is_told_from_its_handler() {
    let computes = get(async || pieces(|| spin(BLOCKS)));
    let computes = verdict_on(Router::new().route("/", computes)).await;
    advises(
        &computes,
        VerdictKind::ComputesOnEventLoop,
        "The body of the response computes",
    );
    let blocks = get(sync(|| pieces(|| sleep(BLOCKS))));
    let blocks = verdict_on(Router::new().route("/", blocks)).await;
    advises(
        &blocks,
        VerdictKind::BlocksEventLoop,
        "The body of the response blocks",
    );
    let followed = get(async || {
        Body::from_stream(futures_util::stream::iter(0..3).then(async |_| {
            compute(|| spin(BLOCKS))
                .await
                .map(|()| Bytes::from_static(b"piece"))
        }))
    });
    let followed = verdict_on(Router::new().route("/", followed)).await;
    assert_eq!(followed.severity, Severity::Good, "{followed:?}");
}

#[tokio::test]
async fn handler_that_reads_several_parts_is_not_told_to_be_a_plain_fn() {
    let upload = async |mut form: Multipart| {
        let mut parts = 0;
        while let Ok(Some(part)) = form.next_field().await {
            part.bytes().await.map(drop).unwrap_or_default();
            parts += 1;
        }
        parts.to_string()
    };
    let request = || {
        let part = "--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n";
        let request = Request::post("/");
        let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        request.body(Body::from(part)).unwrap()
    };
    let found = verdict(Router::new().route("/", post(upload)), 120, request).await;
    assert_eq!(found.kind, VerdictKind::AsyncFits, "{found:?}");
    assert!(
        found.finding.contains("piece by piece"),
        "{}",
        found.finding
    );
}

#[tokio::test]
async fn waits_in_a_loop_are_advised_as_a_loop() {
    let handler = async || {
        let waits: Vec<_> = (0..3)
            .map(|_| sabr::wait("api", async { tokio::time::sleep(BLOCKS).await }))
            .collect();
        for wait in waits {
            wait.await;
        }
    };
    let found = verdict_on(Router::new().route("/", get(handler))).await;
    advises(&found, VerdictKind::CouldOverlap, "join_all");
}

#[tokio::test]
async fn fallback_is_judged() {
    let blocks = Router::new().fallback(async || sleep(BLOCKS));
    let found = verdict(blocks, 10, || get_request("/any/path")).await;
    assert_eq!(found.kind, VerdictKind::BlocksEventLoop, "{found:?}");
    let fits = Router::new().fallback(sync(|| "page"));
    let found = verdict(fits, 120, || get_request("/any/path")).await;
    assert_eq!(found.kind, VerdictKind::SyncFits, "{found:?}");
    // Requests that are answered with 404 are no reason for advice.
    let found = verdict(Router::new(), 300, || get_request("/nothing")).await;
    assert_eq!(found.kind, VerdictKind::TooEarly, "{found:?}");
    assert!(
        found.finding.contains("0 successful requests") && found.finding.contains("300 did not"),
        "{}",
        found.finding
    );
}

#[tokio::test]
async fn routes_have_rules_of_their_own() {
    let mut patient = Thresholds::default();
    patient.blocked_poll = Duration::from_secs(1);
    let reason = "an admin asks for it once a day";
    let sabr = Sabr::builder()
        .ledger_route(RouteRule::new("/left-out").leave_out())
        .ledger_route(RouteRule::new("/accepted").accept(VerdictKind::BlocksEventLoop, reason))
        .ledger_route(RouteRule::new("/patient").thresholds(patient))
        .build();
    let blocks = || get(async || sleep(BLOCKS));
    let app = Router::new()
        .route("/left-out", blocks())
        .route("/accepted", blocks())
        .route("/patient", blocks())
        .layer(sabr.layer());
    for path in ["/left-out", "/accepted", "/patient"].repeat(5) {
        app.clone().oneshot(get_request(path)).await.unwrap();
    }
    let ledger = sabr.ledger();
    assert!(ledger.endpoint("GET", "/left-out").is_none());
    let accepted = ledger
        .endpoint("GET", "/accepted")
        .unwrap()
        .endpoint
        .verdict;
    assert_eq!(accepted.kind, VerdictKind::BlocksEventLoop);
    assert_eq!(accepted.severity, Severity::Good);
    assert_eq!(accepted.accepted.as_deref(), Some(reason));
    let patient = ledger.endpoint("GET", "/patient").unwrap().endpoint.verdict;
    assert_eq!(patient.kind, VerdictKind::TooEarly);
    ledger.assert_route_never_blocks("/patient");
    ledger.assert_verdicts_are_good();
}

fn fails(assertion: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let message = std::panic::catch_unwind(assertion).unwrap_err();
    match message.downcast_ref::<&str>() {
        Some(message) => (*message).to_owned(),
        None => message.downcast_ref().cloned().unwrap_or_default(),
    }
}

/// A test often still holds the response when it asserts, so the request has not ended.
#[tokio::test]
async fn assertion_counts_requests_in_flight() {
    let sabr = Sabr::default();
    let app = Router::new()
        .route("/", get(async || sleep(BLOCKS)))
        .layer(sabr.layer());
    let held = app.oneshot(get_request("/")).await.unwrap();
    let ledger = std::panic::AssertUnwindSafe(sabr.ledger());
    let message = fails(move || ledger.assert_never_blocks());
    assert!(message.contains("GET /: blocked for up to"), "{message}");
    let ledger = std::panic::AssertUnwindSafe(sabr.ledger());
    let message = fails(move || ledger.assert_route_never_blocks("/"));
    assert!(message.contains("GET /: blocked for up to"), "{message}");
    drop(held);
}

#[tokio::test]
async fn assertion_about_nothing_fails() {
    let sabr = Sabr::default();
    // The layer is missing.
    let app = Router::new().route("/", get(async || sleep(BLOCKS)));
    app.oneshot(get_request("/")).await.unwrap();
    let ledger = std::panic::AssertUnwindSafe(sabr.ledger());
    let message = fails(move || ledger.assert_never_blocks());
    assert!(message.contains(".layer(sabr.layer())"), "{message}");
    let ledger = std::panic::AssertUnwindSafe(sabr.ledger());
    let message = fails(move || ledger.assert_verdicts_are_good());
    assert!(message.contains("enough requests"), "{message}");
}

#[tokio::test]
async fn assertion_of_verdicts_names_what_to_do() {
    let sabr = Sabr::default();
    let app = Router::new()
        .route("/", get(async || sleep(BLOCKS)))
        .layer(sabr.layer());
    for _ in 0..5 {
        app.clone().oneshot(get_request("/")).await.unwrap();
    }
    let ledger = std::panic::AssertUnwindSafe(sabr.ledger());
    let message = fails(move || ledger.assert_verdicts_are_good());
    assert!(
        message.contains("GET /: blocks the event loop"),
        "{message}"
    );
    assert!(message.contains("sabr::blocking"), "{message}");
}
