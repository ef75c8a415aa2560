//! Handlers that wait for timers and for other tasks.

use std::future::poll_fn;
use std::sync::LazyLock;
use std::task::Poll;
use std::thread;

use axum::routing::get;
use tokio::sync::OnceCell;
use tokio::time::{self, Instant, interval, sleep, sleep_until, timeout};

use super::{Calls, ms};
use crate::case::{ASYNC_FITS, ASYNC_OR_NEVER, Case, handler};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = timers();
    cases.extend(sometimes());
    cases
}

fn timers() -> Vec<Case> {
    vec![
        handler("sleep", ASYNC_FITS, "waits for a timer", || {
            get(|| async { sleep(ms(5)).await })
        }),
        handler("short_sleep", ASYNC_FITS, "a short wait is a wait", || {
            get(|| async { sleep(ms(1)).await })
        }),
        handler(
            "sleep_for_many",
            ASYNC_FITS,
            "thirty-two wait at once",
            || get(|| async { sleep(ms(20)).await }),
        )
        .at_once(32),
        handler("sleep_until", ASYNC_FITS, "waits for a moment", || {
            get(|| async { sleep_until(Instant::now() + ms(5)).await })
        }),
        handler("interval", ASYNC_FITS, "waits for three ticks", || {
            get(|| async {
                let mut ticks = interval(ms(2));
                for _ in 0..3 {
                    ticks.tick().await;
                }
            })
        }),
        handler(
            "timeout_that_expires",
            ASYNC_FITS,
            "waits for its timeout",
            || {
                get(|| async {
                    timeout(ms(5), std::future::pending::<()>())
                        .await
                        .is_err()
                        .to_string()
                })
            },
        ),
        handler(
            "retries_with_backoff",
            ASYNC_FITS,
            "waits between attempts",
            || {
                get(|| async {
                    for attempt in 0..3 {
                        sleep(ms(1 << attempt)).await;
                    }
                })
            },
        ),
        handler(
            "paced_by_elapsed_time",
            ASYNC_FITS,
            "polls a condition with a pause",
            || {
                get(|| async {
                    let since = time::Instant::now();
                    while since.elapsed() < ms(5) {
                        sleep(ms(1)).await;
                    }
                })
            },
        ),
        handler(
            "hand_written_future",
            ASYNC_FITS,
            "suspended until a thread wakes it",
            || {
                get(|| async {
                    let mut asked = false;
                    poll_fn(|context| {
                        if asked {
                            return Poll::Ready(());
                        }
                        asked = true;
                        let waker = context.waker().clone();
                        thread::spawn(move || {
                            thread::sleep(ms(5));
                            waker.wake();
                        });
                        Poll::Pending
                    })
                    .await;
                })
            },
        ),
    ]
}

/// They wait in some requests, or a little in each.
fn sometimes() -> Vec<Case> {
    vec![
        handler(
            "cache_misses_one_in_five",
            ASYNC_FITS,
            "waits when the cache misses",
            || {
                static CALLS: Calls = Calls::new();
                get(|| async {
                    if CALLS.one_in(5) {
                        sleep(ms(10)).await;
                    }
                })
            },
        ),
        handler(
            "cache_misses_one_in_twenty",
            ASYNC_FITS,
            "waits when the cache misses",
            || {
                static CALLS: Calls = Calls::new();
                get(|| async {
                    if CALLS.one_in(20) {
                        sleep(ms(10)).await;
                    }
                })
            },
        ),
        handler(
            "filled_once",
            ASYNC_OR_NEVER,
            "waits in its first request alone, which may be forgotten",
            || {
                static CELL: LazyLock<OnceCell<u32>> = LazyLock::new(OnceCell::new);
                let fill = || async {
                    sleep(ms(5)).await;
                    5
                };
                get(move || async move { CELL.get_or_init(fill).await.to_string() })
            },
        )
        .at_once(1),
        handler(
            "yields_once",
            ASYNC_OR_NEVER,
            "gives way, and waits for nothing",
            || get(|| async { tokio::task::yield_now().await }),
        ),
        handler(
            "waits_before_it_fails",
            ASYNC_FITS,
            "waits, and then finds nothing",
            || {
                get(|| async {
                    sleep(ms(5)).await;
                    axum::http::StatusCode::NOT_FOUND
                })
            },
        ),
    ]
}
