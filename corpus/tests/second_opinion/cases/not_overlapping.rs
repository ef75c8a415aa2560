//! Awaits one after the other that gain nothing from overlapping.

use axum::routing::get;
use sabr::{overlap, wait};
use tokio::time::sleep;

use super::Calls;
use super::overlapping::query;
use crate::case::{ASYNC_FITS, Case, handler};
use crate::upstream::DELAY;

pub(super) fn cases() -> Vec<Case> {
    vec![
        handler("joined", ASYNC_FITS, "they overlap", || {
            get(|| async {
                let (a, b) = tokio::join!(wait("a", query(5)), wait("b", query(6)));
                (a + b).to_string()
            })
        }),
        handler("overlap_macro", ASYNC_FITS, "they overlap", || {
            get(|| async {
                let (a, b) = overlap!(wait("a", query(5)), wait("b", query(6)));
                (a + b).to_string()
            })
        }),
        handler(
            "timers_that_run_already",
            ASYNC_FITS,
            "a timer runs from its creation",
            || {
                get(|| async {
                    let (first, second) = (wait("a", sleep(DELAY)), wait("b", sleep(DELAY)));
                    first.await;
                    second.await;
                })
            },
        ),
        handler(
            "tasks_that_run_already",
            ASYNC_FITS,
            "tasks run from their creation",
            || {
                get(|| async {
                    let first = wait("a", tokio::spawn(query(5)));
                    let second = wait("b", tokio::spawn(query(5)));
                    (first.await.is_ok() && second.await.is_ok()).to_string()
                })
            },
        ),
        handler(
            "one_of_them_is_ready",
            ASYNC_FITS,
            "only one of them waits",
            || {
                get(|| async {
                    let (cached, queried) = (wait("cache", async { 1 }), wait("db", query(8)));
                    (cached.await + queried.await).to_string()
                })
            },
        ),
        handler(
            "small_beside_the_rest",
            ASYNC_FITS,
            "1 ms of 30 is not worth it",
            || {
                get(|| async {
                    let (small, large) = (wait("small", query(1)), wait("large", query(30)));
                    (small.await + large.await).to_string()
                })
            },
        )
        .at_once(16),
        handler(
            "rarely_one_by_one",
            ASYNC_FITS,
            "in one request of five",
            || {
                static CALLS: Calls = Calls::new();
                get(|| async {
                    let (user, weather) = (wait("user", query(4)), wait("weather", query(4)));
                    if CALLS.one_in(5) {
                        return (user.await + weather.await).to_string();
                    }
                    let (user, weather) = tokio::join!(user, weather);
                    (user + weather).to_string()
                })
            },
        ),
        handler(
            "one_label_alone",
            ASYNC_FITS,
            "one wait has nothing to overlap with",
            || get(|| async { wait("db", query(5)).await.to_string() }),
        ),
    ]
}
