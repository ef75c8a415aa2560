//! Async handlers that block their thread: by sleeping, and with what `std` has for threads.

use std::sync::mpsc::{self};
use std::sync::{Arc, LazyLock, Mutex, RwLock};
use std::thread;

use axum::routing::get;
use sabr::ledger::VerdictKind;

use super::{Calls, ms};
use crate::case::{BLOCKS, Case, NEVER_WAITS, handler};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = sleeping();
    cases.extend(locks());
    cases
}

fn sleeping() -> Vec<Case> {
    vec![
        handler("thread_sleep", BLOCKS, "sleeps in the event loop", || {
            get(|| async { thread::sleep(ms(5)) })
        }),
        handler(
            "thread_sleep_of_two",
            BLOCKS,
            "sleeps longer than a millisecond",
            || get(|| async { thread::sleep(ms(2)) }),
        ),
        handler("thread_sleep_long", BLOCKS, "sleeps for long", || {
            get(|| async { thread::sleep(ms(25)) })
        })
        .exactly(60),
        handler(
            "thread_sleep_one_in_ten",
            BLOCKS,
            "sleeps in one request of ten",
            || {
                static CALLS: Calls = Calls::new();
                get(|| async {
                    if CALLS.one_in(10) {
                        thread::sleep(ms(8));
                    }
                })
            },
        ),
        handler(
            "thread_sleep_alone",
            BLOCKS,
            "sleeps, and nobody else is there",
            || get(|| async { thread::sleep(ms(4)) }),
        )
        .at_once(1),
        handler(
            "thread_sleep_in_few",
            BLOCKS,
            "a few requests are enough for it",
            || get(|| async { thread::sleep(ms(4)) }),
        )
        .exactly(20),
        handler(
            "thread_sleep_short",
            NEVER_WAITS,
            "a tenth of the limit",
            || get(|| async { thread::sleep(std::time::Duration::from_micros(100)) }),
        ),
        handler("park", BLOCKS, "parks its thread", || {
            get(|| async { thread::park_timeout(ms(5)) })
        }),
        handler(
            "hand_written_block_on",
            BLOCKS,
            "waits for a future by parking",
            || {
                get(|| async {
                    let waiting = thread::current();
                    let timer = thread::spawn(move || {
                        thread::sleep(ms(5));
                        waiting.unpark();
                    });
                    while !timer.is_finished() {
                        thread::park_timeout(ms(6));
                    }
                })
            },
        ),
        handler(
            "waits_by_giving_way",
            // Why: a thread that gives way is on the CPU, unless another one wants it. On a busy
            // machine nearly all of its time is then documented as preempted, which is not held
            // against the code.
            &[
                VerdictKind::ComputesOnEventLoop,
                VerdictKind::BlocksEventLoop,
                VerdictKind::NeverWaits,
            ],
            "asks again and again whether five milliseconds are over",
            || {
                get(|| async {
                    let since = std::time::Instant::now();
                    while since.elapsed() < ms(5) {
                        thread::yield_now();
                    }
                })
            },
        ),
    ]
}

/// Runs `hold` on another thread, which then keeps what it got for five milliseconds. Returns when
/// the thread has it.
fn held_elsewhere<G>(hold: impl FnOnce() -> G + Send + 'static) {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let guard = hold();
        tell.send(()).ok();
        thread::sleep(ms(5));
        drop(guard);
    });
    told.recv().ok();
}

fn locks() -> Vec<Case> {
    static LOCK: Mutex<u32> = Mutex::new(0);
    static RW_LOCK: RwLock<u32> = RwLock::new(0);
    vec![
        handler(
            "std_mutex_held_elsewhere",
            BLOCKS,
            "waits for a lock by blocking",
            || {
                get(|| async {
                    held_elsewhere(|| LOCK.lock().expect("nobody panics with it"));
                    LOCK.lock().map_or(0, |value| *value).to_string()
                })
            },
        ),
        handler(
            "std_rwlock_held_elsewhere",
            BLOCKS,
            "waits for a writer by blocking",
            || {
                get(|| async {
                    held_elsewhere(|| RW_LOCK.write().expect("nobody panics with it"));
                    RW_LOCK.read().map_or(0, |value| *value).to_string()
                })
            },
        ),
        handler(
            "std_mutex_held_in_handler",
            BLOCKS,
            "sleeps with a lock",
            || {
                let lock = Arc::new(Mutex::new(0_u32));
                get(move || async move {
                    let mut count = lock.lock().expect("nobody panics with it");
                    thread::sleep(ms(3));
                    *count += 1;
                    count.to_string()
                })
            },
        ),
        handler(
            "lazy_value_filled_elsewhere",
            BLOCKS,
            "waits for its first value",
            || {
                get(|| async {
                    let slow = || {
                        thread::sleep(ms(5));
                        1
                    };
                    let value = Arc::new(LazyLock::new(slow));
                    let same = value.clone();
                    let filling = thread::spawn(move || **same);
                    let filled = **value;
                    drop(filling.join());
                    filled.to_string()
                })
            },
        ),
    ]
}
