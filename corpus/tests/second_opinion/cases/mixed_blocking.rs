//! Async handlers that block and compute.

use std::thread;

use axum::routing::get;

use super::ms;
use crate::case::{BLOCKS, COMPUTES, Case, handler};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    vec![
        handler(
            "both_alike",
            BLOCKS,
            "blocks as long as it computes",
            || {
                get(|| async {
                    thread::sleep(ms(4));
                    work::burn(4000).to_string()
                })
            },
        ),
        handler(
            "blocks_more",
            BLOCKS,
            "blocks more than it computes",
            || {
                get(|| async {
                    work::burn(2000);
                    thread::sleep(ms(8));
                })
            },
        ),
        handler(
            "computes_twice_as_long",
            BLOCKS,
            "blocking is the graver of the two",
            || {
                get(|| async {
                    work::burn(6000);
                    thread::sleep(ms(3));
                })
            },
        ),
        handler(
            "computes_ten_times_as_long",
            COMPUTES,
            "the blocking is not what costs",
            || {
                get(|| async {
                    work::burn(25_000);
                    thread::sleep(ms(2));
                })
            },
        )
        .exactly(60),
    ]
}
