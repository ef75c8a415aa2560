//! Async handlers that block until another thread says something.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread;

use axum::routing::get;

use super::ms;
use crate::case::{BLOCKS, Case, handler};

pub(super) fn cases() -> Vec<Case> {
    vec![
        handler(
            "condvar",
            BLOCKS,
            "waits for a condition by blocking",
            || {
                get(|| async {
                    let pair = (Mutex::new(false), Condvar::new());
                    let guard = pair.0.lock().expect("nobody panics with it");
                    let waited = pair.1.wait_timeout_while(guard, ms(5), |met| !*met);
                    waited.is_ok().to_string()
                })
            },
        ),
        handler(
            "std_mpsc_recv",
            BLOCKS,
            "waits for a thread by blocking",
            || {
                get(|| async {
                    let (tell, told) = mpsc::channel();
                    thread::spawn(move || {
                        thread::sleep(ms(5));
                        tell.send("told")
                    });
                    told.recv().unwrap_or_default()
                })
            },
        ),
        handler(
            "std_mpsc_recv_timeout",
            BLOCKS,
            "waits for nothing by blocking",
            || {
                get(|| async {
                    let (_tell, told) = mpsc::channel::<u32>();
                    let timed_out = told.recv_timeout(ms(5)) == Err(RecvTimeoutError::Timeout);
                    timed_out.to_string()
                })
            },
        ),
        handler("std_barrier", BLOCKS, "waits for a second thread", || {
            get(|| async {
                let barrier = Arc::new(Barrier::new(2));
                let other = barrier.clone();
                thread::spawn(move || {
                    thread::sleep(ms(5));
                    other.wait();
                });
                barrier.wait();
            })
        }),
        handler("thread_joined", BLOCKS, "waits for a thread to end", || {
            get(|| async {
                thread::spawn(|| thread::sleep(ms(5)))
                    .join()
                    .is_ok()
                    .to_string()
            })
        }),
        handler(
            "scoped_threads",
            BLOCKS,
            "computes on threads, and blocks for them",
            || {
                get(|| async {
                    thread::scope(|scope| {
                        for _ in 0..2 {
                            scope.spawn(|| crate::work::burn(5000));
                        }
                    });
                })
            },
        )
        .at_once(1),
    ]
}
