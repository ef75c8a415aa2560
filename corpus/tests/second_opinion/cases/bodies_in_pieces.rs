//! Handlers whose body arrives in pieces.

use std::sync::Arc;
use std::thread;

use axum::body::Body;
use axum::http::StatusCode;
use axum::routing::{MethodRouter, post};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

use super::bodies::{OCTETS, kilobyte};
use super::{Calls, ms};
use crate::case::{ASYNC_FITS, ASYNC_OR_NEVER, BLOCKS, COMPUTES, Case, Expected, handler};
use crate::work;

fn count_pieces(step: fn(&Bytes)) -> MethodRouter {
    post(move |body: Body| async move {
        let mut pieces = body.into_data_stream();
        let mut length = 0;
        while let Some(Ok(piece)) = pieces.next().await {
            step(&piece);
            length += piece.len();
        }
        length.to_string()
    })
}

/// The parts of a multipart body, counted while it arrives.
fn count_parts() -> MethodRouter {
    post(|body: Body| async move {
        const BOUNDARY: &[u8] = b"--boundary\r\n";
        let mut pieces = body.into_data_stream();
        let (mut parts, mut rest) = (0, Vec::new());
        while let Some(Ok(piece)) = pieces.next().await {
            rest.extend_from_slice(&piece);
            let starts = rest
                .windows(BOUNDARY.len())
                .filter(|window| *window == BOUNDARY)
                .count();
            parts += starts;
            rest.drain(..rest.len().saturating_sub(BOUNDARY.len() - 1));
        }
        parts.to_string()
    })
}

/// Stores uploads beside each other. Whatever touches the disk is left to tokio's threads.
fn stores() -> MethodRouter {
    static UPLOADS: Calls = Calls::new();
    let folder = Arc::new(tempfile::tempdir().expect("a folder"));
    post(move |body: Body| async move {
        let upload = UPLOADS.next() % 8;
        let failed = |_| StatusCode::INTERNAL_SERVER_ERROR;
        let path = folder.path().join(upload.to_string());
        let mut file = File::create(path).await.map_err(failed)?;
        let mut pieces = body.into_data_stream();
        while let Some(Ok(piece)) = pieces.next().await {
            file.write_all(&piece).await.map_err(failed)?;
        }
        file.sync_all().await.map_err(failed)?;
        Ok::<_, StatusCode>("stored")
    })
}

fn part() -> Bytes {
    Bytes::from_static(b"--boundary\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\nvalue\r\n")
}

pub(super) fn cases() -> Vec<Case> {
    /// Waits for its client, which is a wait, and no evidence for async.
    const CLIENT_ALONE: Expected = ASYNC_OR_NEVER;
    vec![
        handler(
            "slow_json_body",
            CLIENT_ALONE,
            "its extractor waits for the client",
            || post(|body: Bytes| async move { body.len().to_string() }),
        )
        .post_in_pieces(OCTETS, kilobyte)
        .at_once(8),
        handler(
            "slow_body_by_hand",
            CLIENT_ALONE,
            "waits for each piece from the client",
            || count_pieces(|_| ()),
        )
        .post_in_pieces(OCTETS, kilobyte)
        .at_once(8),
        handler(
            "slow_multipart",
            CLIENT_ALONE,
            "counts parts while they arrive",
            count_parts,
        )
        .post_in_pieces("multipart/form-data; boundary=boundary", part)
        .at_once(8),
        handler(
            "slow_body_and_a_wait",
            ASYNC_FITS,
            "waits for an upstream too",
            || {
                post(|body: Bytes| async move {
                    sleep(ms(4)).await;
                    body.len().to_string()
                })
            },
        )
        .post_in_pieces(OCTETS, kilobyte)
        .at_once(8),
        handler(
            "slow_body_that_blocks",
            BLOCKS,
            "blocks for each piece",
            || count_pieces(|_| thread::sleep(ms(2))),
        )
        .post_in_pieces(OCTETS, kilobyte),
        handler(
            "slow_body_that_computes",
            COMPUTES,
            "computes over each piece",
            || count_pieces(|_| work::spend(2500)),
        )
        .post_in_pieces(OCTETS, kilobyte)
        .exactly(60),
        handler(
            "slow_body_to_a_file",
            ASYNC_FITS,
            "waits for the disk at each piece",
            stores,
        )
        .post_in_pieces(OCTETS, kilobyte),
    ]
}
