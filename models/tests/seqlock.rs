//! The seqlock of a watched thread's slot, under the interleavings and reorderings of two threads.

#![allow(dead_code, reason = "the models use a part of it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use models as primitives;

#[path = "../../crates/sabr-watchdog/src/seqlock.rs"]
mod seqlock;

use loom::sync::Arc;
use loom::thread;

use crate::seqlock::Seqlock;

#[test]
fn a_reader_sees_whole_pairs() {
    models::check(|| {
        let lock = Arc::new(Seqlock::new());
        let writer = {
            let lock = Arc::clone(&lock);
            thread::spawn(move || {
                lock.write([1, 1]);
                lock.write([2, 2]);
            })
        };
        if let Some([first, second]) = lock.try_read() {
            assert_eq!(first, second);
        }
        writer.join().unwrap();
        assert_eq!(lock.try_read(), Some([2, 2]));
    });
}
