//! Handlers whose response is a stream, or is large.

use std::convert::Infallible;
use std::thread;

use axum::body::Body;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::{MethodRouter, get};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use sabr::ledger::VerdictKind;
use sabr::{compute, sync};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::ms;
use crate::case::{
    ASYNC_FITS, ASYNC_OR_NEVER, COMPUTES, Case, Expected, NEVER_WAITS, SYNC_FITS, handler,
};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = waiting();
    cases.extend(large());
    cases.extend(of_sync_endpoints());
    cases
}

/// Four pieces, each after `step`.
pub(super) fn pieces<F: Future<Output = ()> + Send + 'static>(
    step: impl Fn() -> F + Send + 'static,
) -> Body {
    let pieces = stream::iter(0..4).then(move |n| {
        let step = step();
        async move {
            step.await;
            Ok::<_, Infallible>(format!("piece {n}\n"))
        }
    });
    Body::from_stream(pieces)
}

pub(super) fn events() -> impl Stream<Item = Result<Event, Infallible>> {
    stream::iter(0..3).then(|n| async move {
        sleep(ms(2)).await;
        Ok(Event::default().data(n.to_string()))
    })
}

fn waiting() -> Vec<Case> {
    vec![
        handler(
            "stream_that_waits",
            ASYNC_OR_NEVER,
            "the stream waits, not the handler",
            || get(|| async { pieces(|| sleep(ms(2))) }),
        ),
        handler(
            "waits_for_its_stream",
            ASYNC_FITS,
            "the handler waits, and the stream",
            || {
                get(|| async {
                    sleep(ms(3)).await;
                    pieces(|| sleep(ms(2)))
                })
            },
        ),
        handler(
            "events",
            ASYNC_OR_NEVER,
            "server-sent events, in time",
            || get(|| async { Sse::new(events()).keep_alive(KeepAlive::default()) }),
        ),
        handler(
            "stream_from_a_task",
            ASYNC_OR_NEVER,
            "a task feeds the stream",
            || {
                get(|| async {
                    let (tell, told) = mpsc::channel::<Result<Bytes, Infallible>>(1);
                    tokio::spawn(async move {
                        for _ in 0..4 {
                            sleep(ms(2)).await;
                            drop(tell.send(Ok(Bytes::from_static(b"piece\n"))).await);
                        }
                    });
                    Body::from_stream(stream::unfold(told, |mut told| async move {
                        told.recv().await.map(|piece| (piece, told))
                    }))
                })
            },
        ),
        handler(
            "stream_that_computes_elsewhere",
            ASYNC_OR_NEVER,
            "computes on the pool",
            || get(|| async { pieces(|| async { drop(compute(|| work::burn(2000)).await) }) }),
        ),
        handler(
            "stream_that_is_ready",
            NEVER_WAITS,
            "pieces that are there",
            || get(|| async { pieces(|| std::future::ready(())) }),
        ),
    ]
}

fn megabytes() -> MethodRouter {
    static LARGE: [u8; 4 << 20] = [b'x'; 4 << 20];
    get(|| async { Bytes::from_static(&LARGE) })
}

fn large() -> Vec<Case> {
    /// To send much may take a wait for the client.
    const SENT: Expected = ASYNC_OR_NEVER;
    vec![
        handler(
            "megabytes_at_once",
            SENT,
            "has its answer, which is large",
            megabytes,
        ),
        handler(
            "megabytes_read_slowly",
            SENT,
            "waits for its client alone",
            megabytes,
        )
        .read_slowly(std::time::Duration::from_micros(200))
        .at_once(8),
        handler(
            "stream_read_slowly",
            SENT,
            "waits for its client alone",
            || {
                get(|| async {
                    let piece = Bytes::from_static(&[b'x'; 65_536]);
                    Body::from_stream(
                        stream::iter(0..16).map(move |_| Ok::<_, Infallible>(piece.clone())),
                    )
                })
            },
        )
        .read_slowly(ms(1)),
        handler(
            "file_sent_in_pieces",
            ASYNC_FITS,
            "waits for the file",
            || {
                get(|| async {
                    let file = tokio::fs::read("/proc/self/maps").await.unwrap_or_default();
                    Body::from(file)
                })
            },
        ),
    ]
}

fn of_sync_endpoints() -> Vec<Case> {
    const STREAM_BLOCKS: Expected = &[VerdictKind::BlocksEventLoop];
    vec![
        handler(
            "stream_of_fn",
            SYNC_FITS,
            "a short function; its stream waits as it should",
            || get(sync(|| pieces(|| sleep(ms(2))))),
        ),
        handler(
            "events_of_fn",
            SYNC_FITS,
            "a short function; its events come in time",
            || get(sync(|| Sse::new(events()))),
        ),
        handler(
            "stream_of_fn_that_blocks",
            STREAM_BLOCKS,
            "its stream is on the event loop",
            || get(sync(|| pieces(|| async { thread::sleep(ms(3)) }))),
        ),
        handler(
            "stream_of_fn_that_computes",
            COMPUTES,
            "its stream is on the event loop",
            || get(sync(|| pieces(|| async { work::spend(2500) }))),
        ),
    ]
}
