use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

/// An RFC 9457 problem of type `about:blank`. `detail` is ours, fixed, and needs no JSON escapes.
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

/// What a client is told of a panic: nothing but that it happened.
pub(crate) fn panicked() -> Response {
    response(
        StatusCode::INTERNAL_SERVER_ERROR,
        "The request could not be completed.",
    )
}
