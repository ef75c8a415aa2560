//! Handlers that read a body: at once or in pieces, small or large.

use std::collections::HashMap;
use std::thread;

use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use axum::{Form, Json};
use bytes::Bytes;
use sabr::sync;
use serde_json::Value;
use tokio::time::sleep;

use super::ms;
use crate::case::{
    ASYNC_FITS, ASYNC_OR_NEVER, BLOCKS, COMPUTES, Case, NEVER_WAITS, SYNC_FITS, WAITS_IN_THREAD,
    handler,
};
use crate::work;

const JSON: &str = "application/json";

const FORM: &str = "application/x-www-form-urlencoded";

pub(super) const OCTETS: &str = "application/octet-stream";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = at_once();
    cases.extend(large());
    cases.extend(to_sync_endpoints());
    cases
}

fn small_json() -> Bytes {
    Bytes::from_static(br#"{"title":"buy milk","done":false}"#)
}

fn small_form() -> Bytes {
    Bytes::from_static(b"title=buy+milk&done=false")
}

pub(super) fn kilobyte() -> Bytes {
    Bytes::from_static(&[b'x'; 1024])
}

fn megabyte() -> Bytes {
    static MEGABYTE: [u8; 1 << 20] = [b'x'; 1 << 20];
    Bytes::from_static(&MEGABYTE)
}

fn large_form() -> Bytes {
    let pairs = if cfg!(debug_assertions) {
        4_000
    } else {
        60_000
    };
    let numbers = work::numbers(pairs).into_iter();
    let pairs: Vec<_> = numbers.map(|n| format!("k{n}=v%20{n}")).collect();
    Bytes::from(pairs.join("&"))
}

fn at_once() -> Vec<Case> {
    vec![
        handler("small_json_body", NEVER_WAITS, "parses a little JSON", || {
            post(|Json(value): Json<Value>| async move { value.to_string() })
        })
        .post(JSON, small_json),
        handler("small_form_body", NEVER_WAITS, "parses a little form", || {
            post(|Form(form): Form<HashMap<String, String>>| async move { form.len().to_string() })
        })
        .post(FORM, small_form),
        handler("text_body", NEVER_WAITS, "has its body at once", || {
            post(|text: String| async move { text.len().to_string() })
        })
        .post(OCTETS, kilobyte),
        handler("body_of_a_megabyte", ASYNC_OR_NEVER, "waits for its body alone", || {
            post(|body: Bytes| async move { body.len().to_string() })
        })
        .post(OCTETS, megabyte),
        handler("body_stored_elsewhere", ASYNC_FITS, "waits for the upstream", || {
            post(|body: Bytes| async move {
                sleep(ms(5)).await;
                body.len().to_string()
            })
        })
        .post(OCTETS, kilobyte),
        handler("body_and_blocks", BLOCKS, "blocks with its body", || {
            post(|body: Bytes| async move {
                thread::sleep(ms(4));
                body.len().to_string()
            })
        })
        .post(OCTETS, kilobyte),
        handler("body_is_hashed", COMPUTES, "computes over its body", || {
            post(|body: Bytes| async move { work::burn(4000 + body.len() as u64).to_string() })
        })
        .post(OCTETS, kilobyte),
        handler("body_that_is_not_read", NEVER_WAITS, "does not look at its body", || {
            post(|| async { "thank you" })
        })
        .post(OCTETS, kilobyte),
    ]
}

fn large() -> Vec<Case> {
    vec![
        handler(
            "large_json_body",
            COMPUTES,
            "the extractor parses for long",
            || post(|Json(value): Json<Value>| async move { value.is_array().to_string() }),
        )
        .post(JSON, work::large_json)
        .exactly(60),
        handler(
            "large_form_body",
            COMPUTES,
            "the extractor decodes for long",
            || {
                post(
                    |Form(form): Form<Vec<(String, String)>>| async move { form.len().to_string() },
                )
                .layer(DefaultBodyLimit::max(1 << 24))
            },
        )
        .post(FORM, large_form)
        .exactly(60),
        handler(
            "large_json_parsed_elsewhere",
            ASYNC_FITS,
            "parses on the compute pool",
            || {
                post(|body: Bytes| async move {
                    let count = sabr::compute(move || work::parse(&body)).await;
                    count.unwrap_or_default().to_string()
                })
            },
        )
        .post(JSON, work::large_json)
        .exactly(60),
        handler(
            "large_json_echoed",
            COMPUTES,
            "parses and serialises",
            || post(|Json(value): Json<Value>| async move { Json(value) }),
        )
        .post(JSON, work::large_json)
        .exactly(60),
    ]
}

fn to_sync_endpoints() -> Vec<Case> {
    vec![
        handler(
            "small_json_to_fn",
            SYNC_FITS,
            "parses a little JSON",
            || post(sync(|Json(value): Json<Value>| value.to_string())),
        )
        .post(JSON, small_json),
        handler(
            "slow_body_to_fn",
            SYNC_FITS,
            "the client is slow, not the function",
            || post(sync(|body: Bytes| body.len().to_string())),
        )
        .post_in_pieces(OCTETS, kilobyte)
        .at_once(8),
        handler(
            "body_hashed_by_fn",
            SYNC_FITS,
            "computes on a thread",
            || {
                post(sync(|body: Bytes| {
                    work::burn(4000 + body.len() as u64).to_string()
                }))
            },
        )
        .post(OCTETS, kilobyte),
        handler(
            "large_json_parsed_by_fn",
            SYNC_FITS,
            "parses on a thread",
            || post(sync(|body: Bytes| work::parse(&body).to_string())),
        )
        .post(JSON, work::large_json)
        .exactly(60),
        handler(
            "large_json_extracted_for_fn",
            SYNC_FITS,
            "the last extractor of a large body runs with the function",
            || {
                post(sync(|Json(value): Json<Value>| {
                    value.is_array().to_string()
                }))
            },
        )
        .post(JSON, work::large_json)
        .exactly(60),
        handler(
            "body_stored_by_fn",
            WAITS_IN_THREAD,
            "waits for the disk, or so",
            || {
                post(sync(|body: Bytes| {
                    thread::sleep(ms(4));
                    body.len().to_string()
                }))
            },
        )
        .post(OCTETS, kilobyte),
    ]
}
