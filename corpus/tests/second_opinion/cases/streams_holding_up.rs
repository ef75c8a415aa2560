//! Handlers whose response is a stream that blocks or computes.

use std::thread;

use axum::response::sse::Sse;
use axum::routing::get;
use futures_util::StreamExt;
use tokio::time::sleep;

use super::ms;
use super::streams::{events, pieces};
use crate::case::{ASYNC_OR_NEVER, BLOCKS, COMPUTES, Case, handler};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    vec![
        handler(
            "stream_that_blocks",
            BLOCKS,
            "blocks for each piece",
            || get(|| async { pieces(|| async { thread::sleep(ms(2)) }) }),
        ),
        handler(
            "stream_that_waits_and_blocks",
            BLOCKS,
            "blocks between waits",
            || {
                get(|| async {
                    pieces(|| async {
                        sleep(ms(2)).await;
                        thread::sleep(ms(2));
                    })
                })
            },
        ),
        handler(
            "stream_that_computes",
            COMPUTES,
            "computes each piece",
            || get(|| async { pieces(|| async { work::spend(2500) }) }),
        ),
        handler(
            "stream_that_waits_and_computes",
            COMPUTES,
            "computes between waits",
            || {
                get(|| async {
                    pieces(|| async {
                        sleep(ms(2)).await;
                        work::burn(2500);
                    })
                })
            },
        ),
        handler(
            "handler_blocks_before_stream",
            BLOCKS,
            "blocks, and then streams",
            || {
                get(|| async {
                    thread::sleep(ms(4));
                    pieces(|| sleep(ms(1)))
                })
            },
        ),
        handler("events_that_block", BLOCKS, "blocks for each event", || {
            let slow = || events().inspect(|_| thread::sleep(ms(2)));
            get(move || async move { Sse::new(slow()) })
        }),
        handler(
            "stream_computes_in_short_steps",
            ASYNC_OR_NEVER,
            "never for long",
            || {
                get(|| async {
                    pieces(|| async {
                        sleep(ms(1)).await;
                        work::burn(200);
                    })
                })
            },
        ),
    ]
}
