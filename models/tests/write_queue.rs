//! The queue of writes of `sabr-sqlite` under the interleavings of its threads.

#![allow(dead_code, reason = "the models use a part of the queue")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use models as primitives;

/// What the queue needs of its crate.
mod error {
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum Kind {
        Closed,
        Overloaded { capacity: usize },
    }
}

mod write {
    pub(crate) trait Call: Send {}

    impl Call for () {}
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Error(error::Kind);

impl From<error::Kind> for Error {
    fn from(kind: error::Kind) -> Self {
        Self(kind)
    }
}

#[path = "../../crates/sabr-sqlite/src/queue.rs"]
mod queue;

use std::collections::VecDeque;

use loom::sync::Arc;
use loom::thread;

use crate::queue::{Queue, Wake};

/// What the writer thread does, until the queue has ended: it counts the calls.
fn run_calls(queue: &Queue) -> usize {
    let mut done = 0;
    let mut batch = VecDeque::new();
    loop {
        match queue.wait(None) {
            Wake::Call => {
                queue.take(2, &mut batch);
                done += batch.drain(..).count();
            }
            Wake::End => return done,
            Wake::Other => {}
        }
    }
}

#[test]
fn every_accepted_call_reaches_the_writer() {
    models::check_bounded(|| {
        let queue = Arc::new(Queue::new(2));
        let writer = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || run_calls(&queue))
        };
        let other = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || queue.push(Box::new(())).is_ok())
        };
        let ours = queue.push(Box::new(())).is_ok();
        let theirs = other.join().unwrap();
        queue.end();
        assert!(ours && theirs);
        assert_eq!(writer.join().unwrap(), 2);
        assert_eq!(queue.push(Box::new(())), Err(Error(error::Kind::Closed)));
    });
}

#[test]
fn a_call_is_accepted_before_the_end_or_refused() {
    models::check_bounded(|| {
        let queue = Arc::new(Queue::new(1));
        let writer = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || run_calls(&queue))
        };
        let other = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || queue.push(Box::new(())).is_ok())
        };
        queue.end();
        let accepted = other.join().unwrap();
        assert_eq!(writer.join().unwrap(), usize::from(accepted));
    });
}

#[test]
fn a_nudge_wakes_the_writer_once() {
    models::check_bounded(|| {
        let queue = Arc::new(Queue::new(1));
        let writer = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || queue.wait(None))
        };
        queue.nudge();
        assert_eq!(writer.join().unwrap(), Wake::Other);
        queue.end();
        assert_eq!(queue.wait(None), Wake::End);
    });
}
