//! Handlers that hold their thread without computing.

use std::io::{Read, Write};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, RwLock, mpsc};

use axum::extract::{FromRequestParts, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use http::request::Parts;
use sabr::ledger::VerdictKind::{BlocksEventLoop, NeverWaits};
use tokio::sync::oneshot;

use crate::case::Case;
use crate::upstream::Upstream;
use crate::work::{Nth, after, block, block_on, ms, nap, spin};

pub(crate) fn cases(upstream: Upstream) -> Vec<Case> {
    let bad = BlocksEventLoop;
    let (now_and_then, rarely) = (Nth::default(), Nth::default());
    let contended = Arc::new(Mutex::new(0));
    vec![
        Case::get("sleeps", bad, || async { block(ms(5)) }).says("sabr::blocking"),
        Case::get("sleeps_for_two_ms", bad, || async { block(ms(2)) }),
        Case::get("sleeps_one_time_in_twenty", bad, move || async move {
            if now_and_then.is_due(20) {
                block(ms(5));
            }
        })
        .requests(100),
        Case::get("sleeps_one_time_in_sixty", NeverWaits, move || async move {
            if rarely.is_due(60) {
                block(ms(5));
            }
        })
        .says("2 of 112 requests blocked the event loop"),
        Case::get("waits_then_sleeps", bad, waits_then_sleeps),
        Case::get("sleeps_beside_a_wait", bad, sleeps_beside_a_wait),
        Case::get("computes_under_a_shared_lock", bad, move || async move {
            let mut shared = contended.lock().unwrap();
            spin(ms(3));
            *shared += 1;
        })
        .requests(40)
        .clients(4)
        .alone(),
        Case::get("std_mutex_held_elsewhere", bad, std_mutex_held_elsewhere),
        Case::get("std_rwlock_held_elsewhere", bad, std_rwlock_held_elsewhere),
        Case::get("std_channel_recv", bad, std_channel_recv),
        Case::get("condvar_wait", bad, condvar_wait),
        Case::get("joins_a_thread_that_computes", bad, joins_a_thread),
        Case::get("command_output", bad, command_output),
        Case::get("blocking_http_client", bad, move || async move {
            upstream.get_blocking().unwrap()
        }),
        Case::get("blocking_dns_query", bad, move || async move {
            upstream.resolve_blocking().unwrap().to_string()
        }),
        Case::get("slow_file", bad, slow_file),
        Case::get("block_on_in_async", bad, block_on_in_async),
        Case::get("flushes_on_drop", bad, flushes_on_drop),
        Case::get("extractor_sleeps", bad, |_: Slow| async { "ok" }),
        Case::get("middleware_sleeps", bad, || async { "ok" })
            .within(|handler| handler.layer(from_fn(slow_middleware))),
    ]
}

async fn waits_then_sleeps() {
    nap(ms(2)).await;
    block(ms(3));
}

async fn sleeps_beside_a_wait() {
    tokio::join!(nap(ms(5)), async { block(ms(3)) });
}

/// A cache that another thread refreshes.
async fn std_mutex_held_elsewhere() {
    let cache = Arc::new(Mutex::new(()));
    let (locked, is_locked) = mpsc::channel();
    let theirs = Arc::clone(&cache);
    std::thread::spawn(move || {
        let _cache = theirs.lock().unwrap();
        locked.send(()).unwrap();
        block(ms(5));
    });
    is_locked.recv().unwrap();
    drop(cache.lock().unwrap());
}

async fn std_rwlock_held_elsewhere() {
    let settings = Arc::new(RwLock::new(()));
    let (locked, is_locked) = mpsc::channel();
    let theirs = Arc::clone(&settings);
    std::thread::spawn(move || {
        let _settings = theirs.write().unwrap();
        locked.send(()).unwrap();
        block(ms(5));
    });
    is_locked.recv().unwrap();
    drop(settings.read().unwrap());
}

async fn std_channel_recv() -> &'static str {
    let (answer, answered) = mpsc::channel();
    after(ms(5), move || answer.send("answer").unwrap());
    answered.recv().unwrap()
}

async fn condvar_wait() {
    let ready = Arc::new((Mutex::new(false), Condvar::new()));
    let theirs = Arc::clone(&ready);
    after(ms(5), move || {
        *theirs.0.lock().unwrap() = true;
        theirs.1.notify_one();
    });
    let is_ready = ready.0.lock().unwrap();
    drop(ready.1.wait_while(is_ready, |ready| !*ready).unwrap());
}

async fn joins_a_thread() {
    std::thread::spawn(|| spin(ms(5))).join().unwrap();
}

async fn command_output() -> Vec<u8> {
    let command = Command::new("sleep").arg("0.005").output();
    command.unwrap().stdout
}

/// A pipe stands for a file: a reader waits for the writer as it would wait for the disk.
async fn slow_file() -> String {
    let (mut reader, mut writer) = std::io::pipe().unwrap();
    after(ms(5), move || writer.write_all(b"content").unwrap());
    let mut content = String::new();
    reader.read_to_string(&mut content).unwrap();
    content
}

async fn block_on_in_async() -> &'static str {
    let (answer, answered) = oneshot::channel();
    after(ms(5), move || answer.send("answer").unwrap());
    block_on(answered).unwrap()
}

async fn flushes_on_drop() -> &'static str {
    struct Flushes;
    impl Drop for Flushes {
        fn drop(&mut self) {
            block(ms(3));
        }
    }
    let _log = Flushes;
    nap(ms(1)).await;
    "ok"
}

struct Slow;

impl<S: Sync> FromRequestParts<S> for Slow {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        block(ms(3));
        Ok(Self)
    }
}

async fn slow_middleware(request: Request, next: Next) -> Response {
    block(ms(3));
    next.run(request).await
}
