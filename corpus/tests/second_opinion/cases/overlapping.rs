//! Awaits one after the other: independent, dependent, or not to be known.

use std::thread;

use axum::routing::get;
use sabr::wait;
use tokio::time::sleep;

use super::{Calls, ms};
use crate::case::{ASYNC_FITS, BLOCKS, COULD_OVERLAP, Case, handler};

/// A timer that starts when it is first polled, as a query would.
pub(super) async fn query(milliseconds: u64) -> u64 {
    sleep(ms(milliseconds)).await;
    milliseconds
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = independent();
    cases.extend(not_known());
    cases
}

fn independent() -> Vec<Case> {
    vec![
        handler(
            "two_created_first",
            COULD_OVERLAP,
            "both are there before the first ends",
            || {
                get(|| async {
                    let user = wait("user", query(5));
                    let weather = wait("weather", query(5));
                    (user.await + weather.await).to_string()
                })
            },
        ),
        handler(
            "three_created_first",
            COULD_OVERLAP,
            "three, one after the other",
            || {
                get(|| async {
                    let all = [
                        wait("a", query(3)),
                        wait("b", query(4)),
                        wait("c", query(5)),
                    ];
                    let mut sum = 0;
                    for one in all {
                        sum += one.await;
                    }
                    sum.to_string()
                })
            },
        ),
        handler(
            "same_label",
            COULD_OVERLAP,
            "two queries with one label",
            || {
                get(|| async {
                    let (first, second) = (wait("db", query(5)), wait("db", query(6)));
                    (first.await + second.await).to_string()
                })
            },
        ),
        handler(
            "created_first_in_most",
            COULD_OVERLAP,
            "in four requests of five",
            || {
                static CALLS: Calls = Calls::new();
                get(|| async {
                    if CALLS.one_in(5) {
                        return wait("user", query(5)).await.to_string();
                    }
                    let (user, weather) = (wait("user", query(5)), wait("weather", query(5)));
                    (user.await + weather.await).to_string()
                })
            },
        ),
        handler(
            "created_first_and_blocks",
            BLOCKS,
            "blocking is the graver of the two",
            || {
                get(|| async {
                    let (user, weather) = (wait("user", query(4)), wait("weather", query(4)));
                    let sum = user.await + weather.await;
                    thread::sleep(ms(4));
                    sum.to_string()
                })
            },
        ),
        handler(
            "second_created_in_the_first",
            COULD_OVERLAP,
            "created while the first waits",
            || {
                get(|| async {
                    let first = wait("first", query(20));
                    tokio::pin!(first);
                    let second = tokio::select! {
                        waited = &mut first => return waited.to_string(),
                        () = sleep(ms(1)) => wait("second", query(10)),
                    };
                    (first.await + second.await).to_string()
                })
            },
        )
        .at_once(8),
    ]
}

fn not_known() -> Vec<Case> {
    vec![
        handler(
            "second_needs_the_first",
            ASYNC_FITS,
            "a chain is a chain",
            || {
                get(|| async {
                    let id = wait("user", query(4)).await;
                    wait("orders", query(id)).await.to_string()
                })
            },
        ),
        handler(
            "created_one_by_one",
            ASYNC_FITS,
            "may depend on each other: a hint alone",
            || {
                get(|| async {
                    let user = wait("user", query(5)).await;
                    let weather = wait("weather", query(5)).await;
                    (user + weather).to_string()
                })
            },
        ),
        handler(
            "without_labels",
            ASYNC_FITS,
            "nothing is known of waits without a label",
            || {
                get(|| async {
                    let (user, weather) = (query(5), query(5));
                    (user.await + weather.await).to_string()
                })
            },
        ),
        handler(
            "loop_of_queries",
            ASYNC_FITS,
            "one query for each row, created in turn",
            || {
                get(|| async {
                    let mut sum = 0;
                    for _ in 0..4 {
                        sum += wait("row", query(2)).await;
                    }
                    sum.to_string()
                })
            },
        ),
    ]
}
