use std::convert::Infallible;

use aide::generate::GenContext;
use aide::openapi::Operation;
use aide::operation::OperationInput;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use todo_core::LogPosition;

use super::event_id::EventId;
use crate::http::doc;

/// The position of the last event that the client received, from `Last-Event-ID`. `None` if the
/// header is missing or malformed. The stream then begins with `reset`.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastEventId(pub(super) Option<LogPosition>);

impl<S: Sync> FromRequestParts<S> for LastEventId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let id = parts.headers.get("last-event-id");
        let id = id.and_then(|id| id.to_str().ok()?.parse().ok());
        Ok(Self(id.map(|EventId(position)| position)))
    }
}

impl OperationInput for LastEventId {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let about = "The id of the last event that the client has seen, as it was sent.";
        operation
            .parameters
            .push(doc::header_parameter("Last-Event-ID", about, "1"));
    }
}
