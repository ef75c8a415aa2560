//! Handlers behind middleware that waits, computes or blocks.

use std::thread;

use axum::extract::Request;
use axum::middleware::{Next, from_fn, map_response};
use axum::response::Response;
use axum::routing::get;
use sabr::sync;
use tokio::time::sleep;

use super::ms;
use crate::case::{
    ASYNC_FITS, ASYNC_OR_NEVER, BLOCKS, COMPUTES, Case, NEVER_WAITS, SYNC_FITS, handler,
};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = around_async();
    cases.extend(around_sync());
    cases
}

async fn waits(request: Request, next: Next) -> Response {
    sleep(ms(4)).await;
    next.run(request).await
}

async fn waits_after(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    sleep(ms(4)).await;
    response
}

pub(super) async fn blocks(request: Request, next: Next) -> Response {
    thread::sleep(ms(4));
    next.run(request).await
}

pub(super) async fn computes(request: Request, next: Next) -> Response {
    work::burn(4000);
    next.run(request).await
}

pub(super) async fn passes(request: Request, next: Next) -> Response {
    next.run(request).await
}

fn around_async() -> Vec<Case> {
    vec![
        handler("middleware_passes", NEVER_WAITS, "nothing waits", || {
            get(|| async { "Hello" }).layer(from_fn(passes))
        }),
        handler(
            "middleware_waits",
            ASYNC_OR_NEVER,
            "the endpoint waits, its handler does not",
            || get(|| async { "Hello" }).layer(from_fn(waits)),
        ),
        handler(
            "middleware_waits_after",
            ASYNC_OR_NEVER,
            "waits when the handler is done",
            || get(|| async { "Hello" }).layer(from_fn(waits_after)),
        ),
        handler(
            "middleware_blocks",
            BLOCKS,
            "blocks before the handler",
            || get(|| async { "Hello" }).layer(from_fn(blocks)),
        ),
        handler(
            "middleware_computes",
            COMPUTES,
            "computes before the handler",
            || get(|| async { "Hello" }).layer(from_fn(computes)),
        ),
        handler(
            "middleware_blocks_handler_waits",
            BLOCKS,
            "blocks before a wait",
            || get(|| async { sleep(ms(4)).await }).layer(from_fn(blocks)),
        ),
        handler(
            "middleware_passes_handler_waits",
            ASYNC_FITS,
            "the handler waits",
            || get(|| async { sleep(ms(4)).await }).layer(from_fn(passes)),
        ),
        handler(
            "middleware_passes_handler_blocks",
            BLOCKS,
            "the handler blocks",
            || get(|| async { thread::sleep(ms(4)) }).layer(from_fn(passes)),
        ),
        handler(
            "response_is_mapped",
            COMPUTES,
            "computes when the handler is done",
            || {
                let map = |response: Response| async {
                    work::burn(4000);
                    response
                };
                get(|| async { sleep(ms(2)).await }).layer(map_response(map))
            },
        ),
    ]
}

fn around_sync() -> Vec<Case> {
    vec![
        handler(
            "middleware_passes_fn",
            SYNC_FITS,
            "a short function",
            || get(sync(|| "Hello")).layer(from_fn(passes)),
        ),
        handler(
            "middleware_waits_fn",
            SYNC_FITS,
            "the function is short, and does not wait",
            || get(sync(|| "Hello")).layer(from_fn(waits)),
        ),
        handler(
            "middleware_blocks_fn",
            BLOCKS,
            "middleware is on the event loop",
            || get(sync(|| "Hello")).layer(from_fn(blocks)),
        ),
        handler(
            "middleware_computes_fn",
            COMPUTES,
            "middleware is on the event loop",
            || get(sync(|| work::burn(2000).to_string())).layer(from_fn(computes)),
        ),
    ]
}
