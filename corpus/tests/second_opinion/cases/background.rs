//! Handlers that leave work for later, and handlers that run to their end.

use std::thread;

use axum::routing::{get, post};
use sabr::{BackgroundTasks, Overloaded, finish, sync};
use tokio::time::sleep;

use super::ms;
use crate::case::{ASYNC_FITS, BLOCKS, COMPUTES, Case, NEVER_WAITS, SYNC_FITS, handler};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = tasks();
    cases.extend(finished());
    cases
}

fn tasks() -> Vec<Case> {
    vec![
        handler(
            "task_that_waits",
            NEVER_WAITS,
            "the wait is left for later",
            || {
                get(|tasks: BackgroundTasks| async move {
                    tasks.add(sleep(ms(5)))?;
                    Ok::<_, Overloaded>("accepted")
                })
            },
        ),
        handler(
            "task_on_a_thread",
            NEVER_WAITS,
            "the blocking is left for later",
            || {
                get(|tasks: BackgroundTasks| async move {
                    tasks.add_sync(|| thread::sleep(ms(5)))?;
                    Ok::<_, Overloaded>("accepted")
                })
            },
        ),
        handler(
            "task_that_blocks",
            NEVER_WAITS,
            "the task blocks, when the request is over",
            || {
                get(|tasks: BackgroundTasks| async move {
                    tasks.add(async { thread::sleep(ms(3)) })?;
                    Ok::<_, Overloaded>("accepted")
                })
            },
        ),
        handler(
            "task_that_computes",
            NEVER_WAITS,
            "the task computes, on a thread",
            || {
                get(|tasks: BackgroundTasks| async move {
                    tasks.add_sync(|| work::spend(3000))?;
                    Ok::<_, Overloaded>("accepted")
                })
            },
        ),
        handler(
            "task_after_a_wait",
            ASYNC_FITS,
            "waits, and leaves the rest for later",
            || {
                get(|tasks: BackgroundTasks| async move {
                    sleep(ms(4)).await;
                    tasks.add(sleep(ms(2)))?;
                    Ok::<_, Overloaded>("accepted")
                })
            },
        ),
        handler(
            "task_of_a_fn",
            SYNC_FITS,
            "a short function that adds a task",
            || {
                fn accept(tasks: BackgroundTasks) -> Result<&'static str, Overloaded> {
                    tasks.add_sync(|| thread::sleep(ms(2)))?;
                    Ok("accepted")
                }
                get(sync(accept))
            },
        ),
        handler(
            "clean_up_that_blocks",
            NEVER_WAITS,
            "clean-up has a thread of its own",
            || {
                get(|tasks: BackgroundTasks| async move {
                    tasks.clean_up(|| thread::sleep(ms(2)))?;
                    Ok::<_, Overloaded>("accepted")
                })
            },
        ),
        handler(
            "blocks_and_adds_a_task",
            BLOCKS,
            "not all of it is left for later",
            || {
                get(|tasks: BackgroundTasks| async move {
                    thread::sleep(ms(3));
                    tasks.add(sleep(ms(2)))?;
                    Ok::<_, Overloaded>("accepted")
                })
            },
        ),
    ]
}

fn empty() -> bytes::Bytes {
    bytes::Bytes::new()
}

fn finished() -> Vec<Case> {
    vec![
        handler(
            "finish_that_waits",
            ASYNC_FITS,
            "a write that waits",
            || post(finish(|| async { sleep(ms(5)).await })),
        )
        .post("text/plain", empty),
        handler(
            "finish_that_never_waits",
            NEVER_WAITS,
            "a write in memory",
            || post(finish(|| async { "written" })),
        )
        .post("text/plain", empty),
        handler("finish_that_blocks", BLOCKS, "a write that blocks", || {
            post(finish(|| async { thread::sleep(ms(4)) }))
        })
        .post("text/plain", empty),
        handler(
            "finish_that_computes",
            COMPUTES,
            "a write that computes",
            || post(finish(|| async { work::burn(4000).to_string() })),
        )
        .post("text/plain", empty),
        handler(
            "finish_with_a_task",
            ASYNC_FITS,
            "waits, and leaves the rest for later",
            || {
                post(finish(|tasks: BackgroundTasks| async move {
                    sleep(ms(4)).await;
                    tasks.add(sleep(ms(2)))?;
                    Ok::<_, Overloaded>("written")
                }))
            },
        )
        .post("text/plain", empty),
    ]
}
