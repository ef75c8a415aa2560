use std::fmt;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

/// An RFC 9457 problem of type `about:blank`. `detail` must not need JSON escapes.
pub(crate) fn response(status: StatusCode, detail: &'static str) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let code = status.as_u16();
    let body = format!(
        r#"{{"type":"about:blank","title":"{title}","status":{code},"detail":"{detail}"}}"#
    );
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response
}

/// The answer after a panic. Its message stays in the log.
pub(crate) fn panicked() -> Response {
    response(
        StatusCode::INTERNAL_SERVER_ERROR,
        "The request could not be completed.",
    )
}

const MISSING_LAYER: &str =
    "no Sabr around this route: serve it with `sabr.serve(..)` or add `.layer(sabr.layer())`";

/// The request did not come through [`Sabr::serve`](crate::Sabr::serve) or
/// [`Sabr::layer`](crate::Sabr::layer). The response is 500. It and the log say what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingLayer;

impl fmt::Display for MissingLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MISSING_LAYER)
    }
}

impl std::error::Error for MissingLayer {}

impl From<MissingLayer> for StatusCode {
    /// 500.
    fn from(_: MissingLayer) -> Self {
        Self::INTERNAL_SERVER_ERROR
    }
}

impl IntoResponse for MissingLayer {
    fn into_response(self) -> Response {
        tracing::error!("{self}");
        // Why the client gets this text too: the mistake shows at the first call, and the program
        // may not have a log yet.
        response(StatusCode::INTERNAL_SERVER_ERROR, MISSING_LAYER)
    }
}
