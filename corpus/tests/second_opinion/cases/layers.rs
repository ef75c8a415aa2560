//! Handlers behind layers of tower, and behind layers of a whole router.

use std::thread;
use std::time::Duration;

use axum::Router;
use axum::error_handling::HandleErrorLayer;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::routing::{MethodRouter, get};
use tokio::time::sleep;
use tower::ServiceBuilder;
use tower::timeout::TimeoutLayer;
use tower_http::compression::CompressionLayer;

use super::middleware::{blocks, computes, passes};
use super::ms;
use crate::case::{ASYNC_FITS, BLOCKS, COMPUTES, Case, NEVER_WAITS, handler, router};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = of_tower();
    cases.extend(around_the_router());
    cases
}

fn with_timeout(handler: MethodRouter, after: Duration) -> MethodRouter {
    let timed_out = |_: tower::BoxError| async { StatusCode::REQUEST_TIMEOUT };
    let layers = ServiceBuilder::new()
        .layer(HandleErrorLayer::new(timed_out))
        .layer(TimeoutLayer::new(after));
    handler.layer(layers)
}

fn of_tower() -> Vec<Case> {
    vec![
        handler(
            "timeout_not_reached",
            ASYNC_FITS,
            "waits less than it may",
            || with_timeout(get(|| async { sleep(ms(4)).await }), ms(500)),
        ),
        handler(
            "timeout_reached",
            ASYNC_FITS,
            "waits until it is stopped",
            || with_timeout(get(|| async { sleep(ms(500)).await }), ms(8)),
        ),
        handler(
            "timeout_cannot_stop_blocking",
            BLOCKS,
            "a blocked poll has no timeout",
            || with_timeout(get(|| async { thread::sleep(ms(5)) }), ms(2)),
        ),
        handler(
            "timeout_around_a_trifle",
            NEVER_WAITS,
            "answers at once",
            || with_timeout(get(|| async { "Hello" }), ms(500)),
        ),
        handler(
            "compressed_small",
            NEVER_WAITS,
            "compresses a little",
            || get(|| async { work::render(20) }).layer(CompressionLayer::new()),
        ),
        handler(
            "compressed_large",
            COMPUTES,
            "compresses on the event loop",
            || {
                static LARGE: std::sync::LazyLock<bytes::Bytes> = std::sync::LazyLock::new(|| {
                    bytes::Bytes::from(String::from_utf8_lossy(&work::large_json()).repeat(2))
                });
                get(|| async { ([("content-type", "application/json")], LARGE.clone()) })
                    .layer(CompressionLayer::new())
            },
        )
        .exactly(100),
        handler(
            "compressed_after_a_wait",
            ASYNC_FITS,
            "waits, and compresses a little",
            || {
                get(|| async {
                    sleep(ms(4)).await;
                    work::render(20)
                })
                .layer(CompressionLayer::new())
            },
        ),
    ]
}

fn around_the_router() -> Vec<Case> {
    vec![
        router(
            "router_layer_blocks",
            BLOCKS,
            "blocks before every handler",
            ("/a", "/a"),
            || {
                Router::new()
                    .route("/a", get(|| async { "a" }))
                    .layer(from_fn(blocks))
            },
        ),
        router(
            "router_layer_passes",
            ASYNC_FITS,
            "the handler waits",
            ("/a", "/a"),
            || {
                let waits = get(|| async { sleep(ms(4)).await });
                Router::new().route("/a", waits).layer(from_fn(passes))
            },
        ),
        router(
            "route_layer_computes",
            COMPUTES,
            "computes before it",
            ("/a", "/a"),
            || {
                Router::new()
                    .route("/a", get(|| async { "a" }))
                    .route_layer(from_fn(computes))
            },
        ),
        router(
            "layer_of_another_route",
            NEVER_WAITS,
            "is not behind it",
            ("/b", "/b"),
            || {
                let behind = Router::new()
                    .route("/a", get(|| async { "a" }))
                    .layer(from_fn(blocks));
                behind.route("/b", get(|| async { "b" }))
            },
        ),
    ]
}
