//! Streamed responses.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{StreamExt, stream};
use sabr::ledger::VerdictKind::{AsyncFits, BlocksEventLoop, ComputesOnEventLoop, NeverWaits};

use crate::calling::Client;
use crate::case::Case;
use crate::work::{block, ms, nap, pieces, spin, us};

const PIECE: Bytes = Bytes::from_static(&[7; 16 << 10]);

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::get("events", AsyncFits, || async {
            let events = stream::iter(0..4).then(|number| async move {
                nap(ms(1)).await;
                Ok::<_, Infallible>(Event::default().data(number.to_string()))
            });
            Sse::new(events).keep_alive(KeepAlive::default())
        }),
        Case::get("slow_pieces", AsyncFits, || async {
            pieces(4, || async {
                nap(ms(1)).await;
                PIECE
            })
        }),
        Case::get("waits_then_streams", AsyncFits, || async {
            nap(ms(2)).await;
            pieces(8, || async { PIECE })
        }),
        Case::get("quick_pieces", NeverWaits, || async {
            pieces(8, || async {
                spin(us(20));
                PIECE
            })
        }),
        Case::get("large_body", NeverWaits, || async {
            Bytes::from_static(&[7; 1 << 20])
        }),
        Case::get("pieces_for_a_slow_client", NeverWaits, || async {
            pieces(12, || async { PIECE })
        })
        .client(Client::ReadsSlowly),
        Case::get("computes_in_each_piece", ComputesOnEventLoop, || async {
            pieces(3, || async {
                spin(ms(2));
                PIECE
            })
        }),
        Case::get("blocks_in_each_piece", BlocksEventLoop, || async {
            pieces(3, || async {
                block(ms(2));
                PIECE
            })
        }),
        Case::get("offloads_each_piece", AsyncFits, || async {
            pieces(3, || async {
                sabr::compute(|| spin(ms(1))).await.unwrap();
                PIECE
            })
        }),
        Case::post("echo", NeverWaits, |body: Body| async { body }).client(Client::UploadsSlowly),
        Case::post("pieces_of_an_upload", NeverWaits, |body: Body| async {
            let mut pieces = body.into_data_stream();
            let mut length = 0;
            while let Some(Ok(piece)) = pieces.next().await {
                length += piece.len();
            }
            length.to_string()
        })
        .client(Client::UploadsSlowly),
        Case::post("upload_then_waits", AsyncFits, |_: Bytes| nap(ms(2)))
            .client(Client::UploadsSlowly),
    ]
}
