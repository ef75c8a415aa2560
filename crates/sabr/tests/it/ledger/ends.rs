use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::IntoResponse;
use axum::routing::{any, get, post};
use futures_util::{StreamExt, stream};
use http::{Method, StatusCode};
use sabr::ledger::snapshot::{EndpointSnapshot, Outcomes};
use sabr::ledger::{Phase, VerdictKind};
use sabr::{ClientGone, Sabr, finish};
use tokio::sync::Notify;

use super::driven::Driven;
use crate::support::{Server, fail, read, request};

fn outcomes(endpoint: &EndpointSnapshot) -> [u64; 5] {
    let Outcomes {
        succeeded,
        refused,
        failed,
        panicked,
        cancelled,
        ..
    } = endpoint.outcomes;
    [succeeded, refused, failed, panicked, cancelled]
}

fn waits(event: Arc<Notify>) -> Router {
    let handler = || async move {
        event.notified().await;
        "done"
    };
    Router::new().route("/", get(handler))
}

/// Trap: a request that is dropped must be counted, with the time that it took.
#[test]
fn client_that_leaves_while_the_handler_waits_is_counted() {
    let driven = Driven::new(|_| waits(Arc::default()));
    let mut call = driven.call();
    call.is_pending();
    driven.time.passes(100);
    drop(call);
    assert_eq!(outcomes(&driven.endpoint().endpoint), [0, 0, 0, 0, 1]);
    driven.check(&[(Phase::Waiting, 100)]);
    let kept = driven.kept();
    assert_eq!(
        (kept.outcome, kept.status, kept.head),
        ("cancelled", None, None)
    );
}

#[test]
fn request_that_is_dropped_before_its_first_poll_leaves_nothing_in_flight() {
    let driven = Driven::new(|_| waits(Arc::default()));
    drop(driven.call());
    let mut call = driven.call();
    call.is_pending();
    assert_eq!(driven.endpoint().endpoint.in_flight, 1);
    drop(call);
    assert_eq!(driven.endpoint().endpoint.in_flight, 0);
}

#[test]
fn client_that_leaves_during_the_body_is_counted_with_its_status() {
    let driven = Driven::new(|_| {
        let pieces = || async {
            let pieces = stream::repeat(Ok::<_, Infallible>(Bytes::from("piece")));
            Body::from_stream(pieces)
        };
        Router::new().route("/", get(pieces))
    });
    let mut call = driven.call();
    let mut body = call.response().into_body().into_data_stream();
    assert!(futures_util::FutureExt::now_or_never(body.next()).is_some());
    driven.time.passes(50);
    drop(body);
    let endpoint = driven.endpoint();
    assert_eq!(outcomes(&endpoint.endpoint), [0, 0, 0, 0, 1]);
    assert_eq!(endpoint.kept[0].status, Some(200));
    assert!(endpoint.kept[0].head.is_some());
}

/// Trap: a request does not end with its head. Waits of the body count, and are marked as such.
#[test]
fn streamed_body_is_measured_to_its_end() {
    let event = Arc::new(Notify::new());
    let next = Arc::clone(&event);
    let driven = Driven::new(|time| {
        let handler = || async move {
            time.passes(3);
            let piece = async move {
                next.notified().await;
                Ok::<_, Infallible>(Bytes::from("piece"))
            };
            Body::from_stream(stream::once(piece))
        };
        Router::new().route("/", get(handler))
    });
    let mut call = driven.call();
    let mut body = call.response().into_body().into_data_stream();
    assert!(futures_util::FutureExt::now_or_never(body.next()).is_none());
    driven.time.passes(40);
    event.notify_one();
    for _ in 0..2 {
        assert!(futures_util::FutureExt::now_or_never(body.next()).is_some());
    }
    driven.check(&[(Phase::Waiting, 40), (Phase::Computing, 3)]);
    let kept = driven.kept();
    assert_eq!(kept.head.map(|head| (head * 1e3).round()), Some(3.0));
    assert_eq!((kept.duration * 1e3).round(), 43.0);
}

#[tokio::test]
async fn every_end_is_in_its_place() {
    let app = Router::new()
        .route("/ok", get(|| async { "ok" }))
        .route("/refused", get(|| async { StatusCode::CONFLICT }))
        .route("/failed", get(|| async { StatusCode::BAD_GATEWAY }))
        .route("/panics", get(|| async { fail("on purpose") }))
        .route(
            "/broken",
            get(|| async {
                let error = Err::<Bytes, _>(std::io::Error::other("broken"));
                Body::from_stream(stream::iter([Ok(Bytes::from("piece")), error]))
            }),
        )
        .route(
            "/late",
            get(|| async {
                let waits = std::future::pending::<()>();
                match tokio::time::timeout(Duration::ZERO, waits).await {
                    Ok(()) => StatusCode::OK,
                    Err(_) => StatusCode::GATEWAY_TIMEOUT,
                }
            }),
        );
    let server = Server::start(Sabr::default(), app).await;
    for path in ["/ok", "/refused", "/failed", "/panics", "/late"] {
        server.get(path).await;
    }
    let mut client = server.connect().await;
    // The connection may break before the client has read the head, so both results are right.
    let _ = client
        .send
        .send_request(request(Method::GET, "/broken"))
        .await;
    client.closed.await.unwrap();
    let ledger = server.sabr.ledger();
    server.stop().await;
    let check = |route, expected| {
        let endpoint = ledger.endpoint("GET", route).unwrap().endpoint;
        assert_eq!(outcomes(&endpoint), expected, "{route}");
        assert_eq!(endpoint.in_flight, 0, "{route}");
    };
    check("/ok", [1, 0, 0, 0, 0]);
    check("/refused", [0, 1, 0, 0, 0]);
    check("/failed", [0, 0, 1, 0, 0]);
    check("/panics", [0, 0, 0, 1, 0]);
    check("/broken", [0, 0, 1, 0, 0]);
    check("/late", [0, 0, 1, 0, 0]);
}

/// A streamed body with a `Content-Length` ends with its last byte. The connection then drops it
/// without polling it for the end.
#[tokio::test]
async fn stream_with_a_length_is_no_client_that_left() {
    let pieces = || async {
        let pieces =
            stream::iter(["one", "two"]).map(|piece| Ok::<_, Infallible>(Bytes::from(piece)));
        ([("content-length", "6")], Body::from_stream(pieces)).into_response()
    };
    let app = Router::new().route("/", get(pieces));
    let server = Server::start(Sabr::default(), app).await;
    assert_eq!(server.get("/").await.1, "onetwo");
    let ledger = server.sabr.ledger();
    server.stop().await;
    let endpoint = ledger.endpoint("GET", "/").unwrap().endpoint;
    assert_eq!(outcomes(&endpoint), [1, 0, 0, 0, 0]);
}

#[tokio::test]
async fn finished_handler_whose_client_left_is_counted_to_its_own_end() {
    let (begun, goes_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (Arc::clone(&begun), Arc::clone(&goes_on));
    let handler = |client: ClientGone| async move {
        tell.notify_one();
        wait.notified().await;
        while !client.is_gone() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        "done"
    };
    let app = Router::new().route("/", get(finish(handler)));
    let server = Server::start(Sabr::default(), app).await;
    let client = server.connect().await;
    let mut send = client.send;
    let asked = tokio::spawn(async move { send.send_request(request(Method::GET, "/")).await });
    begun.notified().await;
    client.closed.abort();
    asked.await.unwrap().unwrap_err();
    let ledger = server.sabr.ledger();
    assert_eq!(ledger.endpoint("GET", "/").unwrap().endpoint.in_flight, 1);
    goes_on.notify_one();
    server.stop().await;
    let endpoint = ledger.endpoint("GET", "/").unwrap();
    assert_eq!(outcomes(&endpoint.endpoint), [0, 0, 0, 0, 1]);
    assert_eq!(endpoint.kept[0].status, Some(200));
}

/// Trap: paths and methods, which clients choose freely, must not fill the memory.
#[tokio::test]
async fn routes_methods_and_endpoints_have_a_bound() {
    let app = Router::new()
        .route("/things/{id}", any(|| async { "thing" }))
        .route("/other", get(|| async { "other" }))
        .route("/more", get(|| async { "more" }));
    let sabr = Sabr::builder().ledger_endpoints(3).build();
    let server = Server::start(sabr, app).await;
    let mut client = server.connect().await;
    for id in 0..10 {
        client.get(&format!("/things/{id}")).await;
        client.get(&format!("/no/such/{id}")).await;
        let method = Method::from_bytes(format!("BREW{id}").as_bytes()).unwrap();
        read(client.request(method, "/things/1").await).await;
    }
    client.get("/other").await;
    client.get("/more").await;
    let ledger = server.sabr.ledger();
    server.stop().await;
    let endpoints = ledger.endpoints();
    let seen: Vec<_> = endpoints
        .iter()
        .map(|endpoint| (endpoint.method, endpoint.route.as_str(), endpoint.requests))
        .collect();
    let expected = [
        ("GET", "/things/{id}", 10),
        ("OTHER", "/things/{id}", 10),
        ("GET", "/other", 1),
        ("ANY", "(no route)", 10),
        ("ANY", "(over the bound)", 1),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn nested_and_merged_routers_tell_their_whole_route() {
    let inner = Router::new().route("/{id}", get(|| async { "inner" }));
    let app = Router::new()
        .nest("/outer", inner)
        .merge(Router::new().route("/merged", post(|| async { "merged" })));
    let server = Server::start(Sabr::default(), app).await;
    server.get("/outer/7").await;
    let mut client = server.connect().await;
    read(client.request(Method::POST, "/merged").await).await;
    let ledger = server.sabr.ledger();
    server.stop().await;
    assert!(ledger.endpoint("GET", "/outer/{id}").is_some());
    assert!(ledger.endpoint("POST", "/merged").is_some());
}

/// A slow client is no reason for an async handler, because a plain `fn` would wait for the body
/// too.
#[tokio::test]
async fn body_that_comes_slowly_is_no_wait_of_the_handler() {
    let app = Router::new().route(
        "/",
        post(|body: Bytes| async move { body.len().to_string() }),
    );
    let server = Server::start(Sabr::default(), app).await;
    let mut client = server.connect().await;
    for _ in 0..120 {
        let (give, take) = tokio::sync::mpsc::unbounded_channel::<Bytes>();
        give.send(Bytes::from("piece")).unwrap();
        let pieces = stream::unfold(take, |mut take| async {
            take.recv()
                .await
                .map(|piece| (Ok::<_, Infallible>(piece), take))
        });
        let mut request = request(Method::POST, "/");
        *request.body_mut() = Body::from_stream(pieces);
        client.send.ready().await.unwrap();
        let answer = client.send.send_request(request);
        let rest = async {
            tokio::task::yield_now().await;
            give.send(Bytes::from("the rest")).unwrap();
            drop(give);
        };
        let (answer, ()) = tokio::join!(answer, rest);
        assert_eq!(read(answer.unwrap()).await.1, "13");
    }
    let ledger = server.sabr.ledger();
    server.stop().await;
    let endpoint = ledger.endpoint("POST", "/").unwrap().endpoint;
    assert_eq!(
        endpoint.verdict.kind,
        VerdictKind::NeverWaits,
        "{:?}",
        endpoint.verdict
    );
}
