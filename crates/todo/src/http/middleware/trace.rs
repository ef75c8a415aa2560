//! Gives every request an id, and logs its response.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use jiff::Timestamp;
use todo_core::Ids;
use tokio::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

use crate::http::problem::Kind;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is accepted from a client, in bytes.
const REQUEST_ID_LEN_MAX: usize = 128;

/// Runs the request in a span with its id, logs the response, and adds the id to the response.
///
/// The id is the client's own `x-request-id` if that is valid, otherwise a new one.
pub(super) async fn trace<F: Future<Output = Response>>(
    ids: &Ids,
    now: Timestamp,
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    let id = request_id(ids, now, request.headers());
    // Why only the id is in the span: the fields of a span are formatted for every request, the
    // fields of an event only if the event is logged.
    let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default());
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let begun = Instant::now();
    let mut response = answer(request).instrument(span.clone()).await;
    let (status, path) = (response.status(), uri.path());
    let ms = begun.elapsed().as_secs_f64() * 1e3;
    let _entered = span.entered();
    if status.is_server_error() {
        let problem = response.extensions().get::<&'static Kind>();
        let problem = problem.map(|kind| kind.slug);
        tracing::warn!(status = status.as_u16(), problem, %method, path, ms, "answered");
    } else if status.is_client_error() {
        tracing::info!(status = status.as_u16(), %method, path, ms, "answered");
    } else {
        tracing::debug!(status = status.as_u16(), %method, path, ms, "answered");
    }
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

fn request_id(ids: &Ids, now: Timestamp, headers: &HeaderMap) -> HeaderValue {
    let brought = headers.get(&REQUEST_ID).filter(|id| {
        id.len() <= REQUEST_ID_LEN_MAX
            && !id.is_empty()
            && id.as_bytes().iter().all(u8::is_ascii_graphic)
    });
    brought.cloned().unwrap_or_else(|| {
        let mut buffer = Uuid::encode_buffer();
        let id = ids.next(now).hyphenated().encode_lower(&mut buffer);
        HeaderValue::from_str(id).unwrap_or(HeaderValue::from_static("none"))
    })
}
