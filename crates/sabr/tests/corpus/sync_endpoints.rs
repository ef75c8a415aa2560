//! Plain `fn` endpoints.

use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use sabr::ledger::VerdictKind::{
    BlocksEventLoop, ComputesOnEventLoop, SyncFits, TooEarly, WaitsInThread,
};
use sabr::sync;

use crate::case::Case;
use crate::round::ENDPOINT_THREADS;
use crate::upstream::Upstream;
use crate::work::{Nth, block, fail, ms, spin, us};

pub(crate) fn cases(upstream: Upstream) -> Vec<Case> {
    [fits(), waits(upstream), pinned()]
        .into_iter()
        .flatten()
        .collect()
}

fn fits() -> Vec<Case> {
    let (seldom, now_and_then) = (Nth::default(), Nth::default());
    vec![
        Case::get("sync_constant", SyncFits, sync(|| "ok")).requests(112),
        Case::get("sync_computes_10_us", SyncFits, sync(|| spin(us(10)))).requests(112),
        Case::get("sync_computes_500_us", SyncFits, sync(|| spin(us(500)))),
        Case::get("sync_computes_5_ms", SyncFits, sync(|| spin(ms(5)))).says("off the event loop"),
        Case::get(
            "sync_with_more_callers_than_cores",
            SyncFits,
            sync(|| spin(ms(2))),
        )
        .clients(2 * ENDPOINT_THREADS),
        Case::get(
            "sync_computes_more_than_it_sleeps",
            SyncFits,
            sync(|| {
                spin(ms(5));
                block(ms(2));
            }),
        ),
        Case::get("sync_sleeps_for_100_us", SyncFits, sync(|| block(us(100)))),
        Case::get(
            "sync_is_long_at_times",
            SyncFits,
            sync(move || {
                if now_and_then.is_due(10) {
                    spin(ms(5));
                }
            }),
        )
        .requests(150),
        Case::get(
            "sync_sleeps_at_times",
            SyncFits,
            sync(move || {
                if seldom.is_due(20) {
                    block(ms(5));
                }
            }),
        )
        .requests(150),
        Case::get(
            "sync_reads_a_file",
            SyncFits,
            sync(|| std::fs::read_to_string("/etc/hosts").unwrap()),
        ),
        Case::get("sync_panics", SyncFits, sync(fail)),
        Case::get("sync_seldom_asked", TooEarly, sync(|| block(ms(2)))).requests(12),
    ]
}

fn waits(upstream: Upstream) -> Vec<Case> {
    let contended = Arc::new(Mutex::new(0));
    vec![
        Case::get("sync_sleeps", WaitsInThread, sync(|| block(ms(3))))
            .says("4 threads serve at most"),
        Case::get(
            "sync_sleeps_with_more_callers_than_threads",
            WaitsInThread,
            sync(|| block(ms(3))),
        )
        .clients(3 * ENDPOINT_THREADS)
        .requests(72),
        Case::get(
            "sync_sleeps_more_than_it_computes",
            WaitsInThread,
            sync(|| {
                spin(ms(1));
                block(ms(5));
            }),
        ),
        Case::get(
            "sync_blocking_http_client",
            WaitsInThread,
            sync(move || upstream.get_blocking().unwrap()),
        ),
        Case::get(
            "sync_command",
            WaitsInThread,
            sync(|| drop(Command::new("sleep").arg("0.003").output().unwrap())),
        ),
        Case::get(
            "sync_computes_under_a_shared_lock",
            WaitsInThread,
            sync(move || {
                let mut shared = contended.lock().unwrap();
                spin(ms(2));
                *shared += 1;
            }),
        )
        .clients(ENDPOINT_THREADS)
        .alone(),
        Case::get(
            "sync_waits_and_fails",
            WaitsInThread,
            sync(|| {
                block(ms(3));
                StatusCode::BAD_GATEWAY
            }),
        ),
        Case::get(
            "sync_pooled_sleeps",
            WaitsInThread,
            sync(|| block(ms(3))).pooled(),
        ),
    ]
}

fn pinned() -> Vec<Case> {
    vec![
        Case::get(
            "sync_in_place_is_short",
            SyncFits,
            sync(|| spin(us(10))).in_place(),
        )
        .says("runs in place"),
        Case::get(
            "sync_in_place_computes",
            ComputesOnEventLoop,
            sync(|| spin(ms(3))).in_place(),
        )
        .says("Remove `.in_place()`"),
        Case::get(
            "sync_in_place_sleeps",
            BlocksEventLoop,
            sync(|| block(ms(3))).in_place(),
        )
        .says("Remove `.in_place()`"),
    ]
}
