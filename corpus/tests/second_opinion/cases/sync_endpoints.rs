//! Plain functions, wrapped in `sync`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use sabr::{ClientGone, sync};
use serde_json::json;

use super::{Calls, ms};
use crate::case::{BLOCKS, COMPUTES, Case, SYNC_FITS, WAITS_IN_THREAD, handler, router};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = short();
    cases.extend(computing());
    cases.extend(sometimes());
    cases.extend(pinned());
    cases
}

fn short() -> Vec<Case> {
    vec![
        handler("constant_fn", SYNC_FITS, "answers at once", || {
            get(sync(|| "Hello"))
        }),
        handler("constant_fn_alone", SYNC_FITS, "answers at once", || {
            get(sync(|| "Hello"))
        })
        .at_once(1),
        handler(
            "constant_fn_seldom",
            SYNC_FITS,
            "too few calls to run in place",
            || get(sync(|| "Hello")),
        )
        .exactly(40),
        handler("small_json_fn", SYNC_FITS, "formats a little JSON", || {
            get(sync(|| Json(json!({"status": "ok"}))))
        }),
        handler(
            "cached_file_fn",
            SYNC_FITS,
            "reads a file in the page cache",
            || {
                get(sync(|| {
                    std::fs::read_to_string("/proc/version").unwrap_or_default()
                }))
            },
        ),
        handler(
            "short_sleep_fn",
            SYNC_FITS,
            "a thread costs less than this wait",
            || get(sync(|| thread::sleep(Duration::from_micros(200)))),
        ),
        router(
            "state_and_path_fn",
            SYNC_FITS,
            "looks into a map",
            ("/{id}", "/7"),
            || {
                type Names = Arc<Mutex<HashMap<u64, String>>>;
                fn name(
                    State(names): State<Names>,
                    Path(id): Path<u64>,
                ) -> Result<String, StatusCode> {
                    let names = names
                        .lock()
                        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
                    names.get(&id).cloned().ok_or(StatusCode::NOT_FOUND)
                }
                let names: Names = Arc::new(Mutex::new(HashMap::from([(7, "seven".to_owned())])));
                Router::new()
                    .route("/{id}", get(sync(name)))
                    .with_state(names)
            },
        ),
    ]
}

fn computing() -> Vec<Case> {
    vec![
        handler("hash_fn", SYNC_FITS, "computes on a thread", || {
            get(sync(|| work::burn(5000).to_string()))
        }),
        handler("sort_fn", SYNC_FITS, "computes on a thread", || {
            get(sync(|| work::sort().to_string()))
        }),
        handler("large_page_fn", SYNC_FITS, "formats on a thread", || {
            get(sync(work::render_large))
        }),
        handler("compress_fn", SYNC_FITS, "compresses on a thread", || {
            get(sync(|| work::compress(&work::large_json())))
        })
        .exactly(60),
        handler(
            "crowd_of_hashes_fn",
            SYNC_FITS,
            "threads share the cores",
            || get(sync(|| work::burn(3000).to_string())),
        )
        .at_once(24),
        handler(
            "asks_for_its_client_fn",
            SYNC_FITS,
            "computes while somebody waits",
            || {
                fn steps(client: ClientGone) -> String {
                    (0..10)
                        .take_while(|_| !client.is_gone())
                        .map(|_| work::burn(300))
                        .fold(0, u64::wrapping_add)
                        .to_string()
                }
                get(sync(steps))
            },
        ),
        handler(
            "just_over_in_place_fn",
            SYNC_FITS,
            "too long to run in place",
            || get(sync(|| work::burn(900).to_string())),
        ),
    ]
}

fn sometimes() -> Vec<Case> {
    vec![
        handler(
            "waits_at_times_fn",
            SYNC_FITS,
            "waits 0.4 ms on average",
            || {
                static CALLS: Calls = Calls::new();
                get(sync(|| {
                    if CALLS.one_in(20) {
                        thread::sleep(ms(8));
                    }
                }))
            },
        ),
        handler(
            "turns_slow_fn",
            WAITS_IN_THREAD,
            "short at first, and then it waits",
            || {
                static CALLS: Calls = Calls::new();
                get(sync(|| {
                    if CALLS.next() % 120 >= 75 {
                        thread::sleep(ms(6));
                    }
                }))
            },
        )
        .at_once(1)
        .exactly(120),
        handler(
            "turns_to_computing_fn",
            SYNC_FITS,
            "short at first, and then it computes",
            || {
                static CALLS: Calls = Calls::new();
                get(sync(|| {
                    if CALLS.next() % 120 >= 75 {
                        work::burn(5000);
                    }
                }))
            },
        )
        .at_once(1)
        .exactly(120),
    ]
}

fn pinned() -> Vec<Case> {
    vec![
        handler(
            "pooled_short_fn",
            SYNC_FITS,
            "short, and always on a thread",
            || get(sync(|| "Hello").pooled()),
        ),
        handler(
            "pooled_sleep_fn",
            WAITS_IN_THREAD,
            "always holds a thread to wait",
            || get(sync(|| thread::sleep(ms(4))).pooled()),
        ),
        handler(
            "in_place_short_fn",
            SYNC_FITS,
            "short, and always in place",
            || get(sync(|| "Hello").in_place()),
        ),
        handler(
            "in_place_sleep_fn",
            BLOCKS,
            "sleeps in the event loop",
            || get(sync(|| thread::sleep(ms(4))).in_place()),
        ),
        handler(
            "in_place_hash_fn",
            COMPUTES,
            "computes in the event loop",
            || get(sync(|| work::burn(4000).to_string()).in_place()),
        ),
    ]
}
