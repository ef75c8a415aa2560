use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as ResponseDoc};
use axum::body::{Body, Bytes};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use sabr::wait;
use todo_core::LogPosition;
use todo_core::StoreError;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;

use super::tail::{Batch, Tail};
use crate::http::doc;

/// A comment is sent after this time without an event. The service then notices a client that
/// disconnected, and a client notices a service that stopped.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Tells the client to wait one second before it reconnects. Sending it at once also sends the head
/// of the response.
const BEGINNING: Bytes = Bytes::from_static(b"retry: 1000\n\n");
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

const MEDIA_TYPE: &str = "text/event-stream";

/// An event for the OpenAPI document.
const EXAMPLE: &str =
    "event: todo.deleted\nid: 2\ndata: {\"id\":\"01960000-0000-7000-8000-000000000001\"}\n\n";

/// An endless stream of events.
///
/// The next events are read only when the connection has taken the last ones, so a slow client
/// needs no more memory than a fast one. A client that falls behind the beginning of the log gets a
/// `reset`. If a client reads nothing at all while events are waiting, Sabr closes its connection
/// (`idle_timeout`). It continues from its last event when it reconnects.
pub(super) struct EventStream {
    tail: Arc<Tail>,
    draining: Pin<Box<dyn Future<Output = ()> + Send>>,
    position: Option<LogPosition>,
    begun: bool,
    _seat: OwnedSemaphorePermit,
}

impl EventStream {
    pub(super) fn new(
        tail: Arc<Tail>,
        seat: OwnedSemaphorePermit,
        position: Option<LogPosition>,
    ) -> Self {
        Self {
            draining: tail.draining(),
            tail,
            position,
            begun: false,
            _seat: seat,
        }
    }

    fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, |mut stream| async move {
            let bytes = stream.next().await?;
            Some((Ok(bytes), stream))
        })
    }

    /// The next bytes. `None` ends the stream: the service stops, or the database failed. The
    /// client then reconnects and continues from its last event.
    async fn next(&mut self) -> Option<Bytes> {
        if !std::mem::replace(&mut self.begun, true) {
            return Some(BEGINNING);
        }
        loop {
            // The count is taken before the read, so that a commit during the read wakes this loop.
            let commits = self.tail.commits();
            let batch = tokio::select! {
                biased;
                () = &mut self.draining => return None,
                batch = self.tail.after(self.position) => batch,
            };
            let Batch {
                bytes,
                position,
                more,
            } = batch.inspect_err(log_end).ok()?;
            self.position = Some(position);
            if !bytes.is_empty() {
                return Some(bytes);
            }
            if more {
                continue;
            }
            tokio::select! {
                biased;
                () = &mut self.draining => return None,
                () = wait("next change", self.tail.committed_after(commits)) => {}
                () = sleep(HEARTBEAT) => return Some(COMMENT),
            }
        }
    }
}

fn log_end(error: &StoreError) {
    let message = "an event stream ended early";
    match error {
        // These conditions are temporary, and no bug of the service.
        StoreError::Overloaded | StoreError::Locked | StoreError::Full => {
            tracing::warn!(%error, message);
        }
        _ => tracing::error!(%error, message),
    }
}

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, MEDIA_TYPE),
            (header::CACHE_CONTROL, "no-store"),
            // nginx and similar proxies would otherwise buffer events.
            (HeaderName::from_static("x-accel-buffering"), "no"),
        ];
        (headers, Body::from_stream(self.into_stream())).into_response()
    }
}

impl OperationOutput for EventStream {
    type Inner = String;

    fn operation_response(_: &mut GenContext, _: &mut Operation) -> Option<ResponseDoc> {
        Some(ResponseDoc {
            description: "Events without an end".to_owned(),
            content: [(MEDIA_TYPE.to_owned(), doc::text(EXAMPLE))].into(),
            ..ResponseDoc::default()
        })
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        let events = Self::operation_response(ctx, operation);
        events
            .map(|events| (Some(200), events))
            .into_iter()
            .collect()
    }
}
