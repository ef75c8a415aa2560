//! Requests that fail, panic, are left by their client, or are too few.

use std::convert::Infallible;
use std::thread;

use axum::body::Body;
use axum::routing::get;
use futures_util::{StreamExt, stream};
use sabr::ledger::VerdictKind;
use sabr::{finish, sync};
use tokio::time::sleep;

use super::ms;
use crate::case::{
    ASYNC_FITS, ASYNC_OR_NEVER, BLOCKS, COMPUTES, Case, Expected, Leaving, TOO_EARLY, handler,
};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = left();
    cases.extend(too_few());
    cases
}

fn left() -> Vec<Case> {
    const WAITS_OR_NOTHING: Expected = &[VerdictKind::AsyncFits, VerdictKind::TooEarly];
    const LEFT: Leaving = Leaving::After(super::ms(5));
    vec![
        handler(
            "left_while_it_waits",
            WAITS_OR_NOTHING,
            "waits, for nobody in the end",
            || get(|| async { sleep(ms(50)).await }),
        )
        .leaving(LEFT),
        handler(
            "left_while_it_blocks",
            BLOCKS,
            "blocks, whoever has left",
            || get(|| async { thread::sleep(ms(10)) }),
        )
        .leaving(LEFT),
        handler(
            "left_while_it_computes",
            COMPUTES,
            "computes, whoever has left",
            || get(|| async { work::burn(10_000).to_string() }),
        )
        .leaving(LEFT),
        handler(
            "left_while_it_finishes",
            ASYNC_FITS,
            "waits to its end",
            || get(finish(|| async { sleep(ms(20)).await })),
        )
        .leaving(LEFT),
        handler(
            "left_in_a_thread",
            // Why: a job that had not ended when its request ended is documented as unknown.
            &[VerdictKind::WaitsInThread, VerdictKind::TooEarly],
            "waits in its thread to the end, which the request does not see",
            || get(sync(|| thread::sleep(ms(15)))),
        )
        .leaving(LEFT),
        handler(
            "left_in_a_stream",
            ASYNC_OR_NEVER,
            "the stream would have gone on",
            || {
                get(|| async {
                    let pieces = stream::iter(0..50).then(|_| async {
                        sleep(ms(2)).await;
                        Ok::<_, Infallible>("piece")
                    });
                    Body::from_stream(pieces)
                })
            },
        )
        .leaving(Leaving::InBody),
        handler(
            "left_in_a_blocking_stream",
            BLOCKS,
            "the stream blocks until then",
            || {
                get(|| async {
                    let pieces = stream::iter(0..20).then(|_| async {
                        sleep(ms(1)).await;
                        thread::sleep(ms(2));
                        Ok::<_, Infallible>("piece")
                    });
                    Body::from_stream(pieces)
                })
            },
        )
        .leaving(Leaving::InBody),
    ]
}

fn too_few() -> Vec<Case> {
    vec![
        handler("ten_waits", TOO_EARLY, "ten requests are too few", || {
            get(|| async { sleep(ms(4)).await })
        })
        .exactly(10),
        handler(
            "ten_calls_of_a_fn",
            TOO_EARLY,
            "ten requests are too few",
            || get(sync(|| "Hello")),
        )
        .exactly(10),
        handler(
            "two_that_block",
            TOO_EARLY,
            "two requests prove nothing",
            || get(|| async { thread::sleep(ms(4)) }),
        )
        .exactly(2),
        handler(
            "thirty_five_waits",
            ASYNC_FITS,
            "more than thirty are enough",
            || get(|| async { sleep(ms(4)).await }),
        )
        .exactly(35),
        handler(
            "fifty_that_never_wait",
            // Why: it needs a hundred to be sure, and thirty for a good verdict.
            &[VerdictKind::AsyncFits, VerdictKind::TooEarly],
            "fifty are too few to say that it never waits",
            || get(|| async { "Hello" }),
        )
        .exactly(50),
    ]
}
