//! Async handlers that compute about as long as they may.

use axum::routing::get;
use sabr::ledger::VerdictKind;

use super::Calls;
use crate::case::{ASYNC_OR_NEVER, COMPUTES, Case, Expected, NEVER_WAITS, handler};
use crate::work;

/// A poll that computes below the limit, or above it in some requests only.
pub(super) fn cases() -> Vec<Case> {
    const SPLIT: Expected = ASYNC_OR_NEVER;
    vec![
        handler("two_milliseconds", COMPUTES, "twice the limit", || {
            get(|| async { work::burn(2200).to_string() })
        }),
        handler(
            "fifty_milliseconds",
            COMPUTES,
            "far above the limit",
            || get(|| async { work::burn(50_000).to_string() }),
        )
        .exactly(40),
        handler(
            "in_one_request_of_five",
            COMPUTES,
            "computes in one of five",
            || {
                static CALLS: Calls = Calls::new();
                get(|| async {
                    let one = CALLS.one_in(5);
                    if one {
                        work::burn(5000).to_string()
                    } else {
                        String::new()
                    }
                })
            },
        ),
        handler(
            "in_one_request_of_ten",
            COMPUTES,
            "computes in one of ten",
            || {
                static CALLS: Calls = Calls::new();
                get(|| async {
                    let one = CALLS.one_in(10);
                    if one {
                        work::burn(5000).to_string()
                    } else {
                        String::new()
                    }
                })
            },
        ),
        handler(
            "in_one_request_of_sixty",
            NEVER_WAITS,
            "computes in 2 %, which is rare",
            || {
                static CALLS: Calls = Calls::new();
                get(|| async {
                    let one = CALLS.one_in(60);
                    if one {
                        work::burn(3000).to_string()
                    } else {
                        String::new()
                    }
                })
            },
        ),
        handler(
            "alone",
            COMPUTES,
            "computes, and nobody else is there",
            || get(|| async { work::burn(4000).to_string() }),
        )
        .at_once(1),
        handler(
            "in_few_requests",
            COMPUTES,
            "a few requests are enough for it",
            || get(|| async { work::burn(4000).to_string() }),
        )
        .exactly(20),
        handler(
            "in_slices_that_give_way",
            SPLIT,
            "gives way every half millisecond",
            || {
                get(|| async {
                    for _ in 0..8 {
                        work::burn(400);
                        tokio::task::yield_now().await;
                    }
                })
            },
        )
        .at_once(1),
        handler(
            "in_slices_that_are_too_long",
            COMPUTES,
            "gives way too seldom",
            || {
                get(|| async {
                    for _ in 0..2 {
                        work::burn(4000);
                        tokio::task::yield_now().await;
                    }
                })
            },
        )
        .at_once(1),
        handler(
            "in_ready_awaits",
            &[VerdictKind::ComputesOnEventLoop],
            "many short steps, between awaits that never wait, are one long poll",
            || {
                get(|| async {
                    for _ in 0..20 {
                        work::burn(300);
                        std::future::ready(()).await;
                    }
                })
            },
        ),
    ]
}
