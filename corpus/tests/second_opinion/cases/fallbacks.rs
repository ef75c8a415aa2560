//! Requests without a route, and endpoints beside busy neighbours.

use std::thread;

use axum::Router;
use axum::routing::get;
use sabr::sync;
use tokio::time::sleep;

use super::ms;
use crate::case::{
    ASYNC_FITS, BLOCKS, Case, NEVER_WAITS, SYNC_FITS, TOO_EARLY, WAITS_IN_THREAD, router,
};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = fallbacks();
    cases.extend(neighbours());
    cases
}

fn fallbacks() -> Vec<Case> {
    const NO_ROUTE: &str = "(no route)";
    vec![
        router(
            "no_route",
            TOO_EARLY,
            "no route, no verdict",
            (NO_ROUTE, "/nowhere"),
            || Router::new().route("/", get(|| async { "Hello" })),
        )
        .shared(),
        router(
            "fallback_waits",
            ASYNC_FITS,
            "the fallback is an endpoint",
            (NO_ROUTE, "/nowhere"),
            || Router::new().fallback(|| async { sleep(ms(4)).await }),
        )
        .shared(),
        router(
            "fallback_blocks",
            BLOCKS,
            "the fallback is an endpoint",
            (NO_ROUTE, "/nowhere"),
            || Router::new().fallback(|| async { thread::sleep(ms(4)) }),
        )
        .shared(),
        router(
            "fallback_fn",
            WAITS_IN_THREAD,
            "the fallback is an endpoint",
            (NO_ROUTE, "/nowhere"),
            || Router::new().fallback(sync(|| thread::sleep(ms(4)))),
        )
        .shared(),
        router(
            "route_beside_fallback",
            BLOCKS,
            "it has a route",
            ("/a", "/a"),
            || {
                let a = get(|| async { thread::sleep(ms(4)) });
                Router::new()
                    .route("/a", a)
                    .fallback(|| async { "nothing here" })
            },
        ),
    ]
}

/// Another endpoint is called all the time, on the same threads.
fn neighbours() -> Vec<Case> {
    fn with_neighbours(route: &str, judged: axum::routing::MethodRouter) -> Router {
        Router::new()
            .route(route, judged)
            .route("/blocks", get(|| async { thread::sleep(ms(3)) }))
            .route("/computes", get(|| async { work::burn(3000).to_string() }))
            .route("/short", get(sync(|| "Hello")))
    }
    vec![
        router(
            "waits_beside_blocking",
            ASYNC_FITS,
            "it does not block",
            ("/a", "/a"),
            || with_neighbours("/a", get(|| async { sleep(ms(4)).await })),
        )
        .beside("/blocks"),
        router(
            "waits_beside_computing",
            ASYNC_FITS,
            "it does not compute",
            ("/a", "/a"),
            || with_neighbours("/a", get(|| async { sleep(ms(4)).await })),
        )
        .beside("/computes"),
        router(
            "trivial_beside_blocking",
            NEVER_WAITS,
            "it does not block",
            ("/a", "/a"),
            || with_neighbours("/a", get(|| async { "a" })),
        )
        .beside("/blocks"),
        router(
            "trivial_beside_computing",
            NEVER_WAITS,
            "it does not compute",
            ("/a", "/a"),
            || with_neighbours("/a", get(|| async { "a" })),
        )
        .beside("/computes"),
        router(
            "fn_beside_blocking",
            SYNC_FITS,
            "it computes on a thread",
            ("/a", "/a"),
            || with_neighbours("/a", get(sync(|| work::burn(2000).to_string()))),
        )
        .beside("/blocks"),
        router(
            "blocks_beside_short",
            BLOCKS,
            "it blocks",
            ("/a", "/a"),
            || with_neighbours("/a", get(|| async { thread::sleep(ms(3)) })),
        )
        .beside("/short"),
    ]
}
