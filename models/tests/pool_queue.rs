//! The queue of a pool under the interleavings of its threads.
//!
//! It is the source of the library itself, with loom's primitives in the place of those of `std`.

#![allow(dead_code, reason = "the statistics of the queue are not looked at")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use models as primitives;

#[path = "../../crates/sabr/src/pool/queue.rs"]
mod queue;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use crate::queue::{JobQueue, PoolSize, Pushed, Ran};

/// What a thread of the pool does, with jobs that only count.
fn run_jobs(queue: &JobQueue<()>, done: &AtomicUsize) {
    while let Some(()) = queue.take() {
        done.fetch_add(1, Ordering::SeqCst);
        queue.settle(Ran::Finished);
    }
}

/// Pushes one job and starts a thread if it is asked for, as the pool does.
fn submit(
    queue: &Arc<JobQueue<()>>,
    done: &Arc<AtomicUsize>,
) -> (bool, Option<thread::JoinHandle<()>>) {
    match queue.push(|| ()) {
        Ok(Pushed::Awaited) => (true, None),
        Ok(Pushed::StartThread) => {
            let (queue, done) = (Arc::clone(queue), Arc::clone(done));
            (true, Some(thread::spawn(move || run_jobs(&queue, &done))))
        }
        Err(_) => (false, None),
    }
}

fn check(threads: usize, queued: usize) {
    models::check_bounded(move || {
        let size = PoolSize {
            threads,
            queue: queued,
        };
        let queue = Arc::new(JobQueue::new(size));
        let done = Arc::new(AtomicUsize::new(0));
        let other = {
            let (queue, done) = (Arc::clone(&queue), Arc::clone(&done));
            thread::spawn(move || submit(&queue, &done))
        };
        let ours = submit(&queue, &done);
        let theirs = other.join().unwrap();
        queue.close();
        let accepted = usize::from(ours.0) + usize::from(theirs.0);
        let started: Vec<_> = [ours.1, theirs.1].into_iter().flatten().collect();
        assert!((1..=threads).contains(&started.len()));
        for thread in started {
            thread.join().unwrap();
        }
        // Whatever was accepted was done, and what a free thread would take was accepted.
        assert_eq!(done.load(Ordering::SeqCst), accepted);
        assert!(accepted >= 2.min(threads + queued));
        assert_eq!(queue.counts().threads, 0);
    });
}

#[test]
fn every_accepted_job_is_done_by_one_thread() {
    check(1, 2);
}

#[test]
fn every_accepted_job_is_done_by_two_threads() {
    check(2, 0);
}

#[test]
fn full_queue_of_one_thread_refuses_and_forgets_nothing() {
    check(1, 0);
}
