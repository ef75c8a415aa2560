//! Async handlers that are never suspended, and have little to do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, Redirect};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use super::Calls;
use crate::case::{Case, NEVER_WAITS, handler, router};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = trivial();
    cases.extend(in_memory());
    cases.extend(awaits_that_are_ready());
    cases.extend(short_blocking_calls());
    cases
}

fn trivial() -> Vec<Case> {
    vec![
        handler("constant", NEVER_WAITS, "answers at once", || {
            get(|| async { "Hello" })
        }),
        handler("no_content", NEVER_WAITS, "answers at once", || {
            get(|| async { StatusCode::NO_CONTENT })
        }),
        handler("redirect", NEVER_WAITS, "answers at once", || {
            get(|| async { Redirect::to("/elsewhere") })
        }),
        handler("small_json", NEVER_WAITS, "formats a little JSON", || {
            get(|| async { Json(json!({"status": "ok", "version": 3})) })
        }),
        handler("small_page", NEVER_WAITS, "formats a little HTML", || {
            get(|| async { Html(work::render(5)) })
        }),
        handler("headers", NEVER_WAITS, "reads the request's head", || {
            get(|headers: HeaderMap| async move { headers.len().to_string() })
        }),
        handler("time_of_day", NEVER_WAITS, "asks the clock", || {
            get(|| async {
                let since = SystemTime::now().duration_since(UNIX_EPOCH);
                since.unwrap_or_default().as_secs().to_string()
            })
        }),
        router(
            "path_parameter",
            NEVER_WAITS,
            "formats what is in the path",
            ("/items/{id}", "/items/5"),
            || {
                let item = |Path(id): Path<u64>| async move { format!("item {id}") };
                Router::new().route("/items/{id}", get(item))
            },
        ),
        router(
            "query",
            NEVER_WAITS,
            "formats the query",
            ("/", "/?a=1&b=2"),
            || {
                let count = |Query(all): Query<HashMap<String, String>>| async move {
                    all.len().to_string()
                };
                Router::new().route("/", get(count))
            },
        ),
        handler(
            "computes_a_tenth_of_a_millisecond",
            NEVER_WAITS,
            "short computing",
            || get(|| async { work::burn(100).to_string() }),
        ),
        handler(
            "computes_a_little_more",
            NEVER_WAITS,
            "less than a millisecond",
            || get(|| async { work::burn(400).to_string() }),
        ),
    ]
}

fn in_memory() -> Vec<Case> {
    vec![
        router(
            "state",
            NEVER_WAITS,
            "reads shared state",
            ("/", "/"),
            || {
                let motto = |State(motto): State<Arc<str>>| async move { motto.to_string() };
                Router::new()
                    .route("/", get(motto))
                    .with_state(Arc::from("patience"))
            },
        ),
        handler(
            "std_mutex_uncontended",
            NEVER_WAITS,
            "a lock for a moment",
            || {
                let count = Arc::new(Mutex::new(0_u64));
                get(move || async move {
                    let mut count = count.lock().expect("nobody panics with it");
                    *count += 1;
                    count.to_string()
                })
            },
        )
        .at_once(1),
        handler("map_behind_rwlock", NEVER_WAITS, "looks into a map", || {
            let map: HashMap<u64, Value> = (0..100).map(|n| (n, json!({ "n": n }))).collect();
            let map = Arc::new(RwLock::new(map));
            get(move || async move {
                let map = map.read().expect("nobody panics with it");
                map.get(&7).cloned().map(Json).ok_or(StatusCode::NOT_FOUND)
            })
        }),
        handler("counter", NEVER_WAITS, "counts", || {
            static CALLS: Calls = Calls::new();
            get(|| async { CALLS.next().to_string() })
        }),
        handler(
            "slow_once_in_its_life",
            NEVER_WAITS,
            "one slow request proves nothing",
            || {
                static CALLS: Calls = Calls::new();
                get(|| async {
                    if CALLS.next() == 5 {
                        std::thread::sleep(super::ms(8));
                    }
                })
            },
        ),
    ]
}

fn awaits_that_are_ready() -> Vec<Case> {
    vec![
        handler("ready", NEVER_WAITS, "awaits what is there", || {
            get(|| async { std::future::ready("there").await })
        }),
        handler(
            "async_fns_that_never_wait",
            NEVER_WAITS,
            "async all the way, without a wait",
            || {
                async fn inner(n: u64) -> u64 {
                    n + 1
                }
                async fn outer() -> String {
                    (inner(1).await + inner(2).await).to_string()
                }
                get(outer)
            },
        ),
        handler(
            "tokio_mutex_uncontended",
            NEVER_WAITS,
            "the lock is always free",
            || {
                let count = Arc::new(tokio::sync::Mutex::new(0_u64));
                get(move || async move {
                    let mut count = count.lock().await;
                    *count += 1;
                    count.to_string()
                })
            },
        )
        .at_once(1),
        handler(
            "tokio_rwlock_read",
            NEVER_WAITS,
            "nobody ever writes",
            || {
                let value = Arc::new(tokio::sync::RwLock::new(5));
                get(move || async move { value.read().await.to_string() })
            },
        ),
        handler(
            "channel_with_room",
            NEVER_WAITS,
            "there is always room",
            || {
                let (tell, mut told) = mpsc::channel::<u32>(10_000);
                tokio::spawn(async move { while told.recv().await.is_some() {} });
                get(move || async move { tell.send(1).await.is_ok().to_string() })
            },
        ),
        handler(
            "oneshot_already_sent",
            NEVER_WAITS,
            "the message is there",
            || {
                get(|| async {
                    let (tell, told) = oneshot::channel();
                    tell.send("there").ok();
                    told.await.unwrap_or_default()
                })
            },
        ),
        handler(
            "fire_and_forget",
            NEVER_WAITS,
            "spawns a task, and does not await it",
            || {
                get(|| async {
                    tokio::spawn(tokio::time::sleep(super::ms(5)));
                })
            },
        ),
        handler("cached", NEVER_WAITS, "always in the cache", || {
            let cell = tokio::sync::OnceCell::new_with(Some(5));
            let cell = Arc::new(cell);
            get(move || async move {
                let value = cell.get_or_init(|| async { 6 }).await;
                value.to_string()
            })
        }),
    ]
}

/// Blocking in form, and too short to matter.
fn short_blocking_calls() -> Vec<Case> {
    vec![
        handler(
            "cached_file",
            NEVER_WAITS,
            "a small file in the page cache",
            || get(|| async { std::fs::read_to_string("/proc/version").unwrap_or_default() }),
        ),
        handler(
            "file_metadata",
            NEVER_WAITS,
            "asks the kernel for a moment",
            || get(|| async { std::fs::metadata("/").is_ok().to_string() }),
        ),
        handler("environment", NEVER_WAITS, "reads a variable", || {
            get(|| async { std::env::var("PATH").unwrap_or_default().len().to_string() })
        }),
    ]
}
