//! Requests that end early, because the client disconnects or the handler fails.

use std::future::pending;
use std::sync::Arc;

use axum::http::StatusCode;
use sabr::ledger::VerdictKind::{AsyncFits, BlocksEventLoop, TooEarly, WaitsInThread};
use sabr::{blocking, compute, finish, sync};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::calling::Client;
use crate::case::Case;
use crate::upstream::Upstream;
use crate::work::{block, fail, ms, nap, pieces, spin};

pub(crate) fn cases(upstream: Upstream) -> Vec<Case> {
    [left(), failed(upstream)].into_iter().flatten().collect()
}

/// A case whose handler signals that it runs. The client then disconnects.
fn left_inside(make: impl FnOnce(Arc<Notify>) -> Case) -> Case {
    let inside = Arc::new(Notify::new());
    make(Arc::clone(&inside))
        .client(Client::Leaves(inside))
        .clients(1)
}

fn left() -> Vec<Case> {
    let every_other = Arc::new(Notify::new());
    let inside_sync = Arc::clone(&every_other);
    vec![
        left_inside(|inside| {
            Case::get("left_while_it_waits", AsyncFits, move || async move {
                inside.notify_one();
                pending::<()>().await;
            })
        }),
        left_inside(|inside| {
            Case::get(
                "left_while_it_blocks",
                BlocksEventLoop,
                move || async move {
                    inside.notify_one();
                    block(ms(4));
                },
            )
        }),
        left_inside(|inside| {
            Case::get("left_while_a_pool_blocks", AsyncFits, move || {
                blocking(move || {
                    inside.notify_one();
                    block(ms(4));
                })
            })
        }),
        left_inside(|inside| {
            let handler = move || async move {
                inside.notify_one();
                nap(ms(3)).await;
            };
            Case::get("left_and_finished", AsyncFits, finish(handler))
        }),
        // Each request ends before its thread does, so the time of the thread is unknown.
        left_inside(|inside| {
            let handler = move || {
                inside.notify_one();
                block(ms(3));
            };
            Case::get("sync_left_each_time", TooEarly, sync(handler))
                .requests(40)
                .alone()
        }),
        Case::get(
            "sync_left_every_other_time",
            WaitsInThread,
            sync(move || {
                inside_sync.notify_one();
                block(ms(6));
            }),
        )
        .client(Client::LeavesEveryOtherTime(every_other))
        .requests(64)
        .clients(1),
        Case::get("left_in_the_body", AsyncFits, || async {
            pieces(1000, || async {
                nap(ms(1)).await;
                "piece".into()
            })
        })
        .client(Client::LeavesInTheBody),
    ]
}

fn failed(upstream: Upstream) -> Vec<Case> {
    vec![
        Case::get("panics_at_once", TooEarly, || async { fail() }).requests(120),
        Case::get("waits_then_panics", AsyncFits, || async {
            nap(ms(2)).await;
            fail();
        }),
        Case::get("blocks_then_panics", BlocksEventLoop, || async {
            block(ms(3));
            fail();
        }),
        Case::get("upstream_fails", AsyncFits, move || async move {
            upstream.get().await.unwrap();
            StatusCode::BAD_GATEWAY
        }),
        Case::get("times_out_waiting_for_a_pool", AsyncFits, || async {
            match timeout(ms(2), compute(|| spin(ms(4)))).await {
                Ok(_) => StatusCode::OK,
                Err(_) => StatusCode::GATEWAY_TIMEOUT,
            }
        }),
        Case::get("panics_on_a_pool", AsyncFits, || async {
            compute(|| {
                spin(ms(1));
                fail();
            })
            .await
        }),
    ]
}
