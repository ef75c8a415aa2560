//! Async handlers that never wait. A plain `fn` would be simpler.

use std::collections::HashMap;
use std::future::{poll_fn, ready};
use std::net::ToSocketAddrs;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use axum::Json;
use axum::body::Bytes;
use axum::extract::Query;
use axum::http::StatusCode;
use sabr::BackgroundTasks;
use sabr::ledger::VerdictKind::{AsyncFits, BlocksEventLoop, NeverWaits, TooEarly};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::calling::Client;
use crate::case::Case;
use crate::work::{ms, nap, spin, us};

pub(crate) fn cases() -> Vec<Case> {
    [
        short(),
        ready_at_once(),
        cooperative(),
        slow_clients(),
        too_early(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn short() -> Vec<Case> {
    let map = Arc::new(Mutex::new(HashMap::new()));
    vec![
        Case::get("constant", NeverWaits, || async { "ok" }).says("sabr::sync"),
        Case::get("computes_10_us", NeverWaits, || async { spin(us(10)) }),
        Case::get("computes_100_us", NeverWaits, || async { spin(us(100)) }),
        Case::get("computes_500_us", NeverWaits, || async { spin(us(500)) }),
        Case::get("small_json", NeverWaits, || async {
            Json(json!({ "id": 7 }))
        }),
        Case::get(
            "query",
            NeverWaits,
            |Query(query): Query<Value>| async move { query.to_string() },
        ),
        Case::get("map_under_a_std_mutex", NeverWaits, move || async move {
            let mut map = map.lock().unwrap();
            *map.entry("visits").or_insert(0) += 1;
        }),
        Case::get("sleeps_for_100_us", NeverWaits, || async {
            std::thread::sleep(us(100));
        })
        .known_limit(
            BlocksEventLoop,
            "ok: a machine that wakes it milliseconds late has it block that long",
        ),
        Case::get("resolves_an_address", NeverWaits, || async {
            let found = ("127.0.0.1", 80).to_socket_addrs().unwrap();
            found.count().to_string()
        }),
    ]
}

/// Every future that these handlers await is ready at once.
fn ready_at_once() -> Vec<Case> {
    let mutex = Arc::new(tokio::sync::Mutex::new(0));
    vec![
        Case::get("awaits_what_is_ready", NeverWaits, || async {
            sabr::wait("cache", ready("hit")).await
        })
        .says("ready at once each time"),
        Case::get("calls_async_functions", NeverWaits, || async {
            async fn inner() -> &'static str {
                "ok"
            }
            async { inner().await }.await
        }),
        Case::get("free_tokio_mutex", NeverWaits, move || async move {
            *mutex.lock().await += 1;
        })
        .clients(1),
        Case::get("sends_to_a_free_channel", NeverWaits, || async {
            let (send, _receive) = mpsc::channel(4);
            send.send("message").await.unwrap();
        }),
        Case::get("selects_what_is_ready", NeverWaits, || async {
            tokio::select! {
                () = ready(()) => "ready",
                () = nap(ms(50)) => "slow",
            }
        }),
        Case::get("spawns_and_forgets", NeverWaits, || async {
            tokio::spawn(nap(ms(2)));
            StatusCode::ACCEPTED
        }),
        Case::get(
            "adds_a_background_task",
            NeverWaits,
            |tasks: BackgroundTasks| async move { tasks.add(nap(ms(2))).map(|_| StatusCode::ACCEPTED) },
        ),
    ]
}

/// Handlers that yield to the event loop, and wait for nothing else than their next poll.
fn cooperative() -> Vec<Case> {
    vec![
        Case::get("yields_while_computing", NeverWaits, || async {
            for _ in 0..6 {
                spin(us(400));
                tokio::task::yield_now().await;
            }
        })
        .known_limit(
            AsyncFits,
            "ok: tokio wakes who yields a moment later, as a timer would",
        ),
        Case::get("consumes_its_budget", NeverWaits, || async {
            for _ in 0..400 {
                spin(us(2));
                tokio::task::consume_budget().await;
            }
        }),
        Case::get("wakes_itself", NeverWaits, || async {
            let mut left = 5;
            poll_fn(|cx| {
                spin(us(300));
                left -= 1;
                if left == 0 {
                    return Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
        }),
    ]
}

/// Waiting for the client is no reason for `async`, because a plain `fn` would wait too.
fn slow_clients() -> Vec<Case> {
    let length = |body: Bytes| async move { body.len().to_string() };
    vec![
        Case::post("upload", NeverWaits, length)
            .client(Client::Uploads(Bytes::from_static(&[7; 100_000]))),
        Case::post("slow_upload", NeverWaits, length).client(Client::UploadsSlowly),
    ]
}

fn too_early() -> Vec<Case> {
    vec![
        Case::get("seldom_asked", TooEarly, || nap(ms(1))).requests(12),
        Case::get("never_waited_yet", TooEarly, || async { "ok" }).requests(60),
        // Why too early: a request that fails may have failed before the handler would have waited.
        Case::get("fails_at_once", TooEarly, || async {
            StatusCode::INTERNAL_SERVER_ERROR
        })
        .requests(120),
        Case::get("refuses_at_once", TooEarly, || async {
            StatusCode::NOT_FOUND
        })
        .requests(120),
    ]
}
