//! Work that leaves the event loop: to a pool, to a thread, or to another task.

use sabr::ledger::VerdictKind::{AsyncFits, BlocksEventLoop, ComputesOnEventLoop};
use sabr::{block_in_place, blocking, compute};

use crate::case::Case;
use crate::work::{block, ms, nap, spin};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::get("compute", AsyncFits, || compute(|| spin(ms(3)))),
        Case::get("compute_with_more_callers_than_threads", AsyncFits, || {
            compute(|| spin(ms(2)))
        })
        .clients(8),
        Case::get("blocking", AsyncFits, || blocking(|| block(ms(3)))),
        Case::get("blocking_file", AsyncFits, || {
            blocking(|| std::fs::read_to_string("/etc/hosts").unwrap())
        }),
        Case::get("computes_then_blocks_on_pools", AsyncFits, || async {
            compute(|| spin(ms(1))).await?;
            blocking(|| block(ms(1))).await
        }),
        Case::get("pools_side_by_side", AsyncFits, || async {
            let (one, other) = tokio::join!(compute(|| spin(ms(2))), blocking(|| block(ms(3))));
            one.and(other)
        }),
        Case::get("spawn_blocking", AsyncFits, || async {
            tokio::task::spawn_blocking(|| block(ms(3))).await.unwrap();
        }),
        Case::get("sabr_block_in_place", AsyncFits, || async {
            block_in_place(|| block(ms(3)));
        }),
        // The ledger cannot see tokio's own `block_in_place`.
        Case::get("tokio_block_in_place", BlocksEventLoop, || async {
            tokio::task::block_in_place(|| block(ms(3)));
        }),
        Case::get("tokio_spawn_waits", AsyncFits, || async {
            tokio::spawn(nap(ms(2))).await.unwrap();
        }),
        // The ledger cannot see this task. The handler itself only waits.
        Case::get("tokio_spawn_computes", AsyncFits, || async {
            tokio::spawn(async { spin(ms(3)) }).await.unwrap();
        }),
        Case::get("sabr_spawn_waits", AsyncFits, || async {
            sabr::spawn(nap(ms(2))).await.unwrap();
        }),
        Case::get("sabr_spawn_computes", ComputesOnEventLoop, || async {
            sabr::spawn(async { spin(ms(3)) }).await.unwrap();
        }),
        Case::get("sabr_spawn_blocks", BlocksEventLoop, || async {
            sabr::spawn(async { block(ms(3)) }).await.unwrap();
        }),
        Case::get("finish_waits", AsyncFits, sabr::finish(|| nap(ms(2)))),
        Case::get(
            "finish_blocks",
            BlocksEventLoop,
            sabr::finish(|| async { block(ms(3)) }),
        ),
    ]
}
