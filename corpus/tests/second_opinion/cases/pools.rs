//! Pools that have too few threads for what is asked of them.

use std::thread;

use axum::routing::get;
use sabr::{PoolKind, blocking, compute, sync};
use tokio::time::sleep;

use super::ms;
use crate::case::{ASYNC_FITS, ASYNC_OR_NEVER, Case, SYNC_FITS, WAITS_IN_THREAD, handler};
use crate::work;

fn one_thread(builder: sabr::Builder) -> sabr::Builder {
    builder
        .threads(PoolKind::Endpoint, 1)
        .threads(PoolKind::Compute, 1)
        .threads(PoolKind::Blocking, 1)
}

fn short_queue(builder: sabr::Builder) -> sabr::Builder {
    one_thread(builder)
        .queue(PoolKind::Endpoint, 2)
        .queue(PoolKind::Compute, 2)
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = for_functions();
    cases.extend(for_async_handlers());
    cases
}

fn for_functions() -> Vec<Case> {
    vec![
        handler(
            "queue_of_short_functions",
            SYNC_FITS,
            "to queue is not to wait",
            || get(sync(|| work::burn(300).to_string()).pooled()),
        )
        .settings(one_thread)
        .at_once(16),
        handler(
            "queue_of_long_functions",
            SYNC_FITS,
            "computes; the queue is another matter",
            || get(sync(|| work::burn(3000).to_string())),
        )
        .settings(one_thread)
        .at_once(16),
        handler(
            "queue_of_waiting_functions",
            WAITS_IN_THREAD,
            "waits in the only thread",
            || get(sync(|| thread::sleep(ms(4)))),
        )
        .settings(one_thread)
        .at_once(16),
        handler(
            "overloaded_functions",
            SYNC_FITS,
            "computes, or is refused",
            || get(sync(|| work::burn(3000).to_string())),
        )
        .settings(short_queue)
        .at_once(6),
        handler(
            "overloaded_waiting_functions",
            WAITS_IN_THREAD,
            "waits, or is refused",
            || get(sync(|| thread::sleep(ms(4)))),
        )
        .settings(short_queue)
        .at_once(4),
    ]
}

fn for_async_handlers() -> Vec<Case> {
    vec![
        handler(
            "queue_for_compute",
            ASYNC_FITS,
            "waits, and then for the pool",
            || {
                get(|| async {
                    sleep(ms(2)).await;
                    compute(|| work::burn(2000))
                        .await
                        .unwrap_or_default()
                        .to_string()
                })
            },
        )
        .settings(one_thread)
        .at_once(8),
        handler(
            "queue_for_compute_alone",
            ASYNC_OR_NEVER,
            "a plain fn would do as well",
            || {
                get(|| async {
                    compute(|| work::burn(2000))
                        .await
                        .unwrap_or_default()
                        .to_string()
                })
            },
        )
        .settings(one_thread)
        .at_once(8),
        handler(
            "queue_for_blocking",
            ASYNC_FITS,
            "waits, and then for the pool",
            || {
                get(|| async {
                    sleep(ms(2)).await;
                    blocking(|| thread::sleep(ms(3))).await
                })
            },
        )
        .settings(one_thread)
        .at_once(8),
    ]
}
