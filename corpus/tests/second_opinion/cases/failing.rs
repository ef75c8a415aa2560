//! Requests that fail or panic.

use std::convert::Infallible;
use std::thread;

use axum::body::Body;
use axum::http::StatusCode;
use axum::routing::get;
use futures_util::{StreamExt, stream};
use sabr::ledger::VerdictKind;
use sabr::sync;
use tokio::time::sleep;

use super::{Calls, EXPECTED_PANIC, ms};
use crate::case::{ASYNC_FITS, BLOCKS, Case, Expected, NO_SUCCESS, SYNC_FITS, handler};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = failing();
    cases.extend(panicking());
    cases
}

fn failing() -> Vec<Case> {
    vec![
        handler(
            "fails_at_once",
            NO_SUCCESS,
            "never succeeds, never waits",
            || get(|| async { StatusCode::INTERNAL_SERVER_ERROR }),
        ),
        handler(
            "fails_after_a_wait",
            ASYNC_FITS,
            "waits, and then fails",
            || {
                get(|| async {
                    sleep(ms(4)).await;
                    StatusCode::BAD_GATEWAY
                })
            },
        ),
        handler(
            "fails_after_blocking",
            BLOCKS,
            "blocks, and then fails",
            || {
                get(|| async {
                    thread::sleep(ms(4));
                    StatusCode::BAD_GATEWAY
                })
            },
        ),
        handler(
            "refuses_half",
            ASYNC_FITS,
            "half are refused, half wait",
            || {
                static CALLS: Calls = Calls::new();
                get(|| async {
                    if CALLS.one_in(2) {
                        return StatusCode::UNAUTHORIZED;
                    }
                    sleep(ms(4)).await;
                    StatusCode::OK
                })
            },
        ),
        handler(
            "fn_that_fails",
            SYNC_FITS,
            "a short function that fails",
            || get(sync(|| StatusCode::INTERNAL_SERVER_ERROR)),
        ),
    ]
}

fn panicking() -> Vec<Case> {
    /// An `async fn` that panics before it could wait has shown nothing.
    const PANICS: Expected = NO_SUCCESS;
    const WAITS_OR_FAILS: Expected = &[VerdictKind::AsyncFits, VerdictKind::TooEarly];
    const FN_OR_FAILS: Expected = &[VerdictKind::SyncFits, VerdictKind::TooEarly];
    vec![
        handler(
            "panics_at_once",
            PANICS,
            "never succeeds, never waits",
            || {
                get(|| async {
                    if true {
                        panic!("{EXPECTED_PANIC}");
                    }
                })
            },
        ),
        handler(
            "panics_after_a_wait",
            WAITS_OR_FAILS,
            "waits, and then panics",
            || {
                get(|| async {
                    sleep(ms(4)).await;
                    if true {
                        panic!("{EXPECTED_PANIC}");
                    }
                })
            },
        ),
        handler(
            "panics_after_blocking",
            BLOCKS,
            "blocks, and then panics",
            || {
                get(|| async {
                    thread::sleep(ms(4));
                    if true {
                        panic!("{EXPECTED_PANIC}");
                    }
                })
            },
        ),
        handler(
            "panics_in_one_of_ten",
            ASYNC_FITS,
            "waits in the other nine",
            || {
                static CALLS: Calls = Calls::new();
                get(|| async {
                    sleep(ms(3)).await;
                    assert!(!CALLS.one_in(10), "{EXPECTED_PANIC}");
                })
            },
        ),
        handler(
            "fn_that_panics",
            FN_OR_FAILS,
            "a short function that panics",
            || {
                get(sync(|| {
                    if true {
                        panic!("{EXPECTED_PANIC}");
                    }
                }))
            },
        ),
        handler(
            "stream_that_panics",
            ASYNC_FITS,
            "waits, and panics in its body",
            || {
                get(|| async {
                    sleep(ms(3)).await;
                    Body::from_stream(stream::iter(0..2).map(|n| {
                        assert!(n == 0, "{EXPECTED_PANIC}");
                        Ok::<_, Infallible>("piece")
                    }))
                })
            },
        ),
    ]
}
