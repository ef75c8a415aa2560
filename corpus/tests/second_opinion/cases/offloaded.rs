//! Async handlers that hand what blocks or computes to another thread, or try to.

use std::thread;

use axum::routing::get;
use sabr::{NotRun, blocking, compute};
use tokio::time::sleep;

use super::blocking_processes::sleep_in_process;
use super::ms;
use crate::case::{ASYNC_FITS, ASYNC_OR_NEVER, BLOCKS, COMPUTES, Case, handler};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = by_sabr();
    cases.extend(in_place());
    cases
}

fn by_sabr() -> Vec<Case> {
    vec![
        handler(
            "compute_after_a_wait",
            ASYNC_FITS,
            "the heavy step is elsewhere",
            || {
                get(|| async {
                    sleep(ms(4)).await;
                    let sum = compute(|| work::burn(4000)).await?;
                    Ok::<_, NotRun>(sum.to_string())
                })
            },
        ),
        handler(
            "blocking_after_a_wait",
            ASYNC_FITS,
            "the blocking call is elsewhere",
            || {
                get(|| async {
                    sleep(ms(4)).await;
                    blocking(|| thread::sleep(ms(4))).await
                })
            },
        ),
        handler(
            "compute_alone",
            ASYNC_OR_NEVER,
            "a plain fn would do as well",
            || {
                get(|| async {
                    compute(|| work::burn(4000))
                        .await
                        .unwrap_or_default()
                        .to_string()
                })
            },
        ),
        handler(
            "blocking_alone",
            ASYNC_OR_NEVER,
            "a plain fn would do as well",
            || get(|| async { blocking(|| thread::sleep(ms(5))).await }),
        ),
        handler(
            "blocking_process",
            ASYNC_OR_NEVER,
            "waits for a process elsewhere",
            || {
                get(|| async {
                    let ended = blocking(|| sleep_in_process().is_ok()).await;
                    ended.unwrap_or_default().to_string()
                })
            },
        ),
        handler(
            "compute_twice_at_once",
            ASYNC_OR_NEVER,
            "two heavy steps together",
            || {
                get(|| async {
                    let (a, b) =
                        tokio::join!(compute(|| work::burn(2000)), compute(|| work::burn(2000)));
                    (a.unwrap_or_default() ^ b.unwrap_or_default()).to_string()
                })
            },
        ),
        handler(
            "compute_and_wait_at_once",
            ASYNC_FITS,
            "computes elsewhere while it waits",
            || {
                get(|| async {
                    let (sum, ()) = tokio::join!(compute(|| work::burn(3000)), sleep(ms(5)));
                    sum.unwrap_or_default().to_string()
                })
            },
        ),
        handler(
            "compute_for_the_small_part",
            COMPUTES,
            "computes more before it than in it",
            || {
                get(|| async {
                    work::burn(5000);
                    compute(|| work::burn(200))
                        .await
                        .unwrap_or_default()
                        .to_string()
                })
            },
        ),
        handler(
            "blocks_beside_blocking",
            BLOCKS,
            "one of two calls is not handed over",
            || {
                get(|| async {
                    blocking(|| thread::sleep(ms(3))).await?;
                    thread::sleep(ms(3));
                    Ok::<_, NotRun>(())
                })
            },
        ),
    ]
}

fn in_place() -> Vec<Case> {
    vec![
        handler(
            "block_in_place",
            ASYNC_OR_NEVER,
            "others move to another thread",
            || get(|| async { sabr::block_in_place(|| thread::sleep(ms(4))) }),
        ),
        handler(
            "block_in_place_after_a_wait",
            ASYNC_FITS,
            "others move away meanwhile",
            || {
                get(|| async {
                    sleep(ms(4)).await;
                    sabr::block_in_place(|| thread::sleep(ms(4)));
                })
            },
        ),
        handler(
            "block_in_place_computes",
            ASYNC_FITS,
            "others move away meanwhile",
            || {
                get(|| async {
                    sleep(ms(4)).await;
                    sabr::block_in_place(|| work::burn(4000)).to_string()
                })
            },
        ),
        handler(
            "block_in_place_of_tokio",
            BLOCKS,
            "looks as if it blocked: documented",
            || {
                get(|| async {
                    sleep(ms(2)).await;
                    tokio::task::block_in_place(|| thread::sleep(ms(4)));
                })
            },
        ),
    ]
}
