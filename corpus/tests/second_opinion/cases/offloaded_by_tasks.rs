//! Async handlers that hand work to tasks and threads of their own.

use std::thread;

use axum::routing::get;
use sabr::compute;
use sabr::ledger::VerdictKind;
use tokio::time::sleep;

use super::ms;
use crate::case::{ASYNC_FITS, BLOCKS, COMPUTES, Case, Expected, handler};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    /// Documented as not seen; and yet the task does block the event loop.
    const UNSEEN_BLOCKING: Expected = &[VerdictKind::AsyncFits, VerdictKind::BlocksEventLoop];
    const UNSEEN_COMPUTING: Expected = &[VerdictKind::AsyncFits, VerdictKind::ComputesOnEventLoop];
    vec![
        handler(
            "spawn_blocking_that_blocks",
            ASYNC_FITS,
            "tokio's pool blocks",
            || {
                get(|| async {
                    let ended = tokio::task::spawn_blocking(|| thread::sleep(ms(5))).await;
                    ended.is_ok().to_string()
                })
            },
        ),
        handler(
            "spawn_blocking_that_computes",
            ASYNC_FITS,
            "tokio's pool computes",
            || {
                get(|| async {
                    let sum = tokio::task::spawn_blocking(|| work::burn(4000)).await;
                    sum.unwrap_or_default().to_string()
                })
            },
        ),
        handler(
            "thread_and_oneshot",
            ASYNC_FITS,
            "a thread of its own computes",
            || {
                get(|| async {
                    let (tell, told) = tokio::sync::oneshot::channel();
                    thread::spawn(move || tell.send(work::burn(4000)));
                    told.await.unwrap_or_default().to_string()
                })
            },
        ),
        handler(
            "tokio_task_that_blocks",
            UNSEEN_BLOCKING,
            "a task of tokio is not seen",
            || {
                get(|| async {
                    let task = tokio::spawn(async { thread::sleep(ms(4)) });
                    task.await.is_ok().to_string()
                })
            },
        ),
        handler(
            "tokio_task_that_computes",
            UNSEEN_COMPUTING,
            "a task of tokio is not seen",
            || {
                get(|| async {
                    let task = tokio::spawn(async { work::burn(4000) });
                    task.await.unwrap_or_default().to_string()
                })
            },
        ),
        handler(
            "sabr_task_that_blocks",
            BLOCKS,
            "a part of the request blocks",
            || {
                get(|| async {
                    let task = sabr::spawn(async { thread::sleep(ms(4)) });
                    task.await.is_ok().to_string()
                })
            },
        ),
        handler(
            "sabr_task_that_computes",
            COMPUTES,
            "a part of the request computes",
            || {
                get(|| async {
                    let task = sabr::spawn(async { work::burn(4000) });
                    task.await.unwrap_or_default().to_string()
                })
            },
        ),
        handler(
            "sabr_task_that_offloads",
            ASYNC_FITS,
            "a part of the request hands over",
            || {
                get(|| async {
                    let task = sabr::spawn(async { compute(|| work::burn(3000)).await });
                    task.await.is_ok().to_string()
                })
            },
        ),
        handler(
            "sabr_tasks_some_block",
            BLOCKS,
            "one part of three blocks",
            || {
                get(|| async {
                    let waits = [sabr::spawn(sleep(ms(4))), sabr::spawn(sleep(ms(6)))];
                    let blocks = sabr::spawn(async { thread::sleep(ms(4)) });
                    for wait in waits {
                        drop(wait.await);
                    }
                    blocks.await.is_ok().to_string()
                })
            },
        ),
    ]
}
