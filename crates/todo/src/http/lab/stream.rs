use std::convert::Infallible;

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as ResponseDoc};
use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use sabr::Sabr;
use todo_lab::{Event, Turn};

use crate::http::doc;

const MEDIA_TYPE: &str = "application/x-ndjson";

/// The events of a run, one JSON object per line.
///
/// The run is cancelled when the body is dropped, because the client disconnected. It is also
/// cancelled when the service begins to shut down, so that shutdown does not wait for it.
#[derive(Debug)]
pub(super) struct Events {
    pub(super) turn: Turn,
    pub(super) sabr: Sabr,
}

impl IntoResponse for Events {
    fn into_response(self) -> Response {
        let draining = Box::pin(self.sabr.draining());
        let lines = stream::unfold(Some((self.turn, draining)), async |run| {
            let (mut turn, mut draining) = run?;
            let (event, run) = tokio::select! {
                event = turn.next() => (event?, Some((turn, draining))),
                () = &mut draining => {
                    turn.cancel().await;
                    (stopped(), None)
                }
            };
            Some((Ok::<_, Infallible>(line(&event)), run))
        });
        let headers = [
            (header::CONTENT_TYPE, MEDIA_TYPE),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (headers, Body::from_stream(lines)).into_response()
    }
}

fn stopped() -> Event {
    Event::Failed {
        detail: "the service was stopped".to_owned(),
    }
}

fn line(event: &Event) -> Bytes {
    // Events are plain values, so serialising them cannot fail.
    let mut line = serde_json::to_vec(event).unwrap_or_default();
    line.push(b'\n');
    line.into()
}

impl OperationOutput for Events {
    type Inner = Event;

    fn operation_response(ctx: &mut GenContext, _: &mut Operation) -> Option<ResponseDoc> {
        Some(ResponseDoc {
            description: "What happens, one event a line".to_owned(),
            content: [(MEDIA_TYPE.to_owned(), doc::answered::<Event>(ctx))].into(),
            ..ResponseDoc::default()
        })
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        let events = Self::operation_response(ctx, operation);
        let status = StatusCode::OK.as_u16();
        events
            .map(|events| (Some(status), events))
            .into_iter()
            .collect()
    }
}
