//! The count of unread pieces under the interleavings of a body, a client and the task that waits.

#![allow(dead_code, reason = "the models use a part of it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use models as primitives;

#[path = "../../crates/sabr/src/layer/piece_count.rs"]
mod piece_count;

use std::future::poll_fn;

use loom::future::block_on;
use loom::sync::Arc;
use loom::thread;

use crate::piece_count::PieceCount;

/// Loom fails a model in which a task waits and nothing is left to wake it.
#[test]
fn a_task_that_waits_for_the_client_is_woken_by_the_last_piece() {
    models::check_bounded(|| {
        let count = Arc::new(PieceCount::default());
        count.give();
        count.give();
        let client = {
            let count = Arc::clone(&count);
            thread::spawn(move || {
                count.take();
                count.take();
            })
        };
        block_on(poll_fn(|cx| count.poll_empty(cx)));
        assert_eq!(count.taken(), 2);
        client.join().unwrap();
    });
}

#[test]
fn a_task_that_waits_for_a_piece_is_woken_by_the_first() {
    models::check_bounded(|| {
        let count = Arc::new(PieceCount::default());
        let body = {
            let count = Arc::clone(&count);
            thread::spawn(move || {
                count.give();
                count.give();
            })
        };
        block_on(poll_fn(|cx| count.poll_given(cx)));
        assert!(!count.is_empty());
        body.join().unwrap();
    });
}
