//! Async handlers that wait, and also compute or block.

use std::thread;

use axum::routing::get;
use tokio::time::sleep;

use super::{Calls, ms};
use crate::case::{ASYNC_FITS, BLOCKS, COMPUTES, Case, handler};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = waits_and_computes();
    cases.extend(waits_and_blocks());
    cases
}

fn waits_and_computes() -> Vec<Case> {
    vec![
        handler(
            "waits_then_computes",
            COMPUTES,
            "the answer is computed",
            || {
                get(|| async {
                    sleep(ms(5)).await;
                    work::burn(5000).to_string()
                })
            },
        ),
        handler(
            "computes_then_waits",
            COMPUTES,
            "the question is computed",
            || {
                get(|| async {
                    work::burn(5000);
                    sleep(ms(5)).await;
                })
            },
        ),
        handler(
            "waits_long_computes_a_little",
            COMPUTES,
            "mostly waits, and still holds up",
            || {
                get(|| async {
                    sleep(ms(30)).await;
                    work::burn(4000).to_string()
                })
            },
        )
        .at_once(16),
        handler(
            "computes_between_waits",
            COMPUTES,
            "computes after each of two waits",
            || {
                get(|| async {
                    for _ in 0..2 {
                        sleep(ms(3)).await;
                        work::burn(3000);
                    }
                })
            },
        ),
        handler(
            "waits_then_computes_shortly",
            ASYNC_FITS,
            "computes a moment",
            || {
                get(|| async {
                    sleep(ms(5)).await;
                    work::burn(200).to_string()
                })
            },
        ),
        handler(
            "waits_then_computes_rarely",
            ASYNC_FITS,
            "computes in 2 % of requests",
            || {
                static CALLS: Calls = Calls::new();
                get(|| async {
                    sleep(ms(4)).await;
                    if CALLS.one_in(60) {
                        work::burn(3000);
                    }
                })
            },
        ),
        handler(
            "waits_then_parses",
            COMPUTES,
            "an upstream's answer is large",
            || {
                get(|| async {
                    sleep(ms(5)).await;
                    work::parse(&work::large_json()).to_string()
                })
            },
        )
        .exactly(60),
        handler(
            "computes_in_a_join",
            COMPUTES,
            "one branch waits, the other computes",
            || {
                get(|| async {
                    let computing = async { work::burn(5000) };
                    let ((), sum) = tokio::join!(sleep(ms(8)), computing);
                    sum.to_string()
                })
            },
        ),
    ]
}

fn waits_and_blocks() -> Vec<Case> {
    vec![
        handler("waits_then_blocks", BLOCKS, "blocks after a wait", || {
            get(|| async {
                sleep(ms(5)).await;
                thread::sleep(ms(4));
            })
        }),
        handler("blocks_then_waits", BLOCKS, "blocks before a wait", || {
            get(|| async {
                thread::sleep(ms(4));
                sleep(ms(5)).await;
            })
        }),
        handler(
            "waits_long_blocks_a_little",
            BLOCKS,
            "mostly waits, and still holds up",
            || {
                get(|| async {
                    sleep(ms(30)).await;
                    thread::sleep(ms(3));
                })
            },
        )
        .at_once(16),
        handler(
            "waits_then_blocks_at_times",
            BLOCKS,
            "blocks in one request of eight",
            || {
                static CALLS: Calls = Calls::new();
                get(|| async {
                    sleep(ms(3)).await;
                    if CALLS.one_in(8) {
                        thread::sleep(ms(8));
                    }
                })
            },
        ),
        handler(
            "waits_then_blocks_once",
            ASYNC_FITS,
            "one slow request proves nothing",
            || {
                static CALLS: Calls = Calls::new();
                get(|| async {
                    sleep(ms(3)).await;
                    if CALLS.next() == 7 {
                        thread::sleep(ms(8));
                    }
                })
            },
        ),
        handler(
            "lock_taken_after_a_wait",
            ASYNC_FITS,
            "a lock that is free in no time",
            || {
                static COUNT: std::sync::Mutex<u64> = std::sync::Mutex::new(0);
                get(|| async {
                    sleep(ms(3)).await;
                    *COUNT.lock().expect("nobody panics with it") += 1;
                })
            },
        ),
        handler(
            "blocks_in_a_select",
            BLOCKS,
            "one branch blocks the other",
            || {
                get(|| async {
                    let blocking = async {
                        sleep(ms(1)).await;
                        thread::sleep(ms(5));
                    };
                    tokio::select! {
                        () = blocking => "blocked",
                        () = sleep(ms(100)) => "timed out",
                    }
                })
            },
        ),
    ]
}
