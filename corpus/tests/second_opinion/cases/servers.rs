//! The same handlers over HTTP/2, and served by axum with the layer of Sabr.

use std::thread;

use axum::routing::get;
use sabr::sync;
use tokio::time::sleep;

use super::ms;
use crate::case::{
    ASYNC_FITS, BLOCKS, COMPUTES, Case, NEVER_WAITS, SYNC_FITS, WAITS_IN_THREAD, handler,
};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = each("http2").into_iter().map(Case::http2).collect();
    cases.extend(each("axum").into_iter().map(Case::served_by_axum));
    cases
}

fn each(server: &str) -> Vec<Case> {
    let name = |handler: &str| &*format!("{handler}_by_{server}").leak();
    vec![
        handler(name("waits"), ASYNC_FITS, "waits for a timer", || {
            get(|| async { sleep(ms(5)).await })
        }),
        handler(
            name("answers_at_once"),
            NEVER_WAITS,
            "answers at once",
            || get(|| async { "Hello" }),
        ),
        handler(name("blocks"), BLOCKS, "sleeps in the event loop", || {
            get(|| async { thread::sleep(ms(4)) })
        }),
        handler(
            name("computes"),
            COMPUTES,
            "computes in the event loop",
            || get(|| async { work::burn(4000).to_string() }),
        ),
        handler(name("hash_fn"), SYNC_FITS, "computes on a thread", || {
            get(sync(|| work::burn(4000).to_string()))
        }),
        handler(
            name("sleep_fn"),
            WAITS_IN_THREAD,
            "holds a thread to wait",
            || get(sync(|| thread::sleep(ms(4)))),
        ),
    ]
}
