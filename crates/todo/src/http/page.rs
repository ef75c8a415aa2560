//! Pagination of lists: `limit` and `cursor` in the query, `Link` in the response (RFC 8288).

use std::borrow::Cow;
use std::future::ready;

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as ResponseDoc};
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use todo_core::StoreError;
use todo_core::{Order, Position, Slice};
use uuid::Uuid;

use super::extract::{BaseUrl, Json};
use super::problem::Problem;

/// The largest number of entries on a page: 1 to [`Slice::LIMIT_MAX`], which is also the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub(super) struct Limit(u32);

/// The position where a page begins, as an opaque text that clients send back unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Cursor(Position);

/// A response that is one page of a list.
pub(super) struct Paged<T> {
    body: T,
    rest: Option<Rest>,
    next: Option<String>,
}

/// Further entries of an array, read from the store as fast as the client reads the response. Each
/// is a comma and then JSON.
type Rest = BoxStream<'static, Result<Bytes, StoreError>>;

/// The slice of the list that the query asks for.
pub(super) fn slice(limit: Option<Limit>, cursor: Option<Cursor>) -> Slice {
    Slice {
        after: cursor.map(|Cursor(position)| position),
        limit: limit.map_or(Slice::LIMIT_MAX, |Limit(limit)| limit),
    }
}

impl<T> Paged<T> {
    /// A page of the list at `path`. `query` is the query of the request without its cursor. `next`
    /// is the position where the next page begins, if there is one.
    pub(super) fn new<Q: Serialize>(
        body: T,
        base: &BaseUrl,
        path: &str,
        query: &Q,
        next: Option<Position>,
    ) -> Self {
        let next = next.map(|position| {
            let cursor = Cursor(position).encode();
            let others = serde_urlencoded::to_string(query).unwrap_or_default();
            let separator = if others.is_empty() { "" } else { "&" };
            base.join(format_args!("{path}?{others}{separator}cursor={cursor}"))
        });
        let rest = None;
        Self { body, rest, next }
    }
}

impl<T> Paged<Vec<T>> {
    /// Adds the entries after those in `body`, which must not be empty.
    pub(super) fn with_rest(self, rest: Rest) -> Self {
        let rest = Some(rest);
        Self { rest, ..self }
    }
}

/// An array whose closing bracket is written after the streamed entries.
fn streamed<T: Serialize>(body: &T, rest: Rest) -> Response {
    let mut first = match serde_json::to_vec(body) {
        Ok(first) => first,
        Err(error) => return Problem::internal(&error).into_response(),
    };
    let end = first.split_off(first.len().saturating_sub(1));
    let at_hand = |bytes: Vec<u8>| stream::once(ready(Ok(Bytes::from(bytes))));
    // Why no 500: the status has already been sent. The error ends the connection in the middle of
    // the body, so that the client notices.
    let rest = rest.inspect_err(|error| tracing::error!(%error, "a list ends early"));
    let body = at_hand(first).chain(rest).chain(at_hand(end));
    let media_type = [(header::CONTENT_TYPE, "application/json")];
    (media_type, Body::from_stream(body)).into_response()
}

impl<T: Serialize> IntoResponse for Paged<T> {
    fn into_response(self) -> Response {
        let mut response = match self.rest {
            None => Json(self.body).into_response(),
            Some(rest) => streamed(&self.body, rest),
        };
        let link = self.next.map(|url| format!("<{url}>; rel=\"next\""));
        if let Some(link) = link.and_then(|link| HeaderValue::try_from(link).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

impl<T: JsonSchema> OperationOutput for Paged<T> {
    type Inner = T;

    fn operation_response(ctx: &mut GenContext, operation: &mut Operation) -> Option<ResponseDoc> {
        Json::<T>::operation_response(ctx, operation)
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<u16>, ResponseDoc)> {
        let mut responses = Json::<T>::inferred_responses(ctx, operation);
        for (_, response) in &mut responses {
            let link =
                "Where the next page is, with `rel=\"next\"` (RFC 8288); absent on the last page.";
            let cursor = Cursor::example();
            let example = format!("<http://127.0.0.1:8000/todos?cursor={cursor}>; rel=\"next\"");
            response
                .headers
                .extend([super::doc::header("Link", link, &example)]);
        }
        responses
    }
}

impl Cursor {
    /// The length in bytes: 8 for the order, then 16 for the id.
    const LEN: usize = 8 + 16;

    /// A valid cursor for the examples. It stands near the beginning of a list, so a request with
    /// it returns nearly all entries.
    fn example() -> String {
        let (order, id) = (Order::FIRST, Uuid::nil());
        Self(Position { order, id }).encode()
    }

    fn encode(self) -> String {
        let Position { order, id } = self.0;
        let mut bytes = [0; Self::LEN];
        bytes[..8].copy_from_slice(&order.get().to_be_bytes());
        bytes[8..].copy_from_slice(id.as_bytes());
        BASE64URL_NOPAD.encode(&bytes)
    }

    fn decode(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let bytes: [u8; Self::LEN] = bytes.try_into().ok()?;
        let (order, id) = bytes.split_first_chunk::<8>()?;
        Some(Self(Position {
            order: Order::new(f64::from_be_bytes(*order)).ok()?,
            id: Uuid::from_slice(id).ok()?,
        }))
    }
}

impl TryFrom<String> for Cursor {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        Self::decode(&text).ok_or(CURSOR_HINT)
    }
}

const CURSOR_HINT: &str = "must be a cursor from the `Link` of an earlier page";

impl TryFrom<u32> for Limit {
    type Error = String;

    fn try_from(limit: u32) -> Result<Self, String> {
        match limit {
            1..=Slice::LIMIT_MAX => Ok(Self(limit)),
            _ => Err(format!("must be from 1 to {}", Slice::LIMIT_MAX)),
        }
    }
}

impl Serialize for Limit {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0)
    }
}

impl JsonSchema for Limit {
    fn schema_name() -> Cow<'static, str> {
        "Limit".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "integer",
            "minimum": 1,
            "maximum": Slice::LIMIT_MAX,
            "default": Slice::LIMIT_MAX,
            "examples": [20],
        })
    }
}

impl JsonSchema for Cursor {
    fn schema_name() -> Cow<'static, str> {
        "Cursor".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[A-Za-z0-9_-]{32}$",
            "x-hint": CURSOR_HINT,
            "examples": [Self::example()],
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursors_come_back_as_they_went(order in -Order::LIMIT..=Order::LIMIT, id: u128) {
            let order = Order::new(order).unwrap();
            let cursor = Cursor(Position { order, id: Uuid::from_u128(id) });
            let text = cursor.encode();
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'));
            prop_assert_eq!(Cursor::decode(&text), Some(cursor));
        }

        #[test]
        fn no_text_breaks_a_cursor(text in ".{0,64}") {
            let _ = Cursor::decode(&text);
        }

        #[test]
        fn bytes_that_are_no_position_are_no_cursor(bytes: [u8; 24]) {
            let cursor = Cursor::decode(&BASE64URL_NOPAD.encode(&bytes));
            let order = f64::from_be_bytes(bytes[..8].try_into().unwrap());
            prop_assert_eq!(cursor.is_some(), Order::new(order).is_ok());
        }
    }
}
