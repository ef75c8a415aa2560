use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use crate::http::problem::{Problem, kind};

/// Answers a request whose path has no route. `OPTIONS *` has no route either, and asks about the
/// service as a whole (RFC 9110, section 9.3.7).
pub(crate) async fn route_not_found(method: Method, uri: Uri) -> Response {
    if method == Method::OPTIONS && uri.path() == "*" {
        let allowed = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
        return (StatusCode::NO_CONTENT, [(header::ALLOW, allowed)]).into_response();
    }
    Problem::route_not_found(&uri).into_response()
}

/// Answers a request whose path has a route, but not for its method. The router adds `Allow`.
pub(crate) async fn method_not_allowed(method: Method) -> Problem {
    let detail = format!("`{method}` is not served here; `Allow` lists what is");
    Problem::new(&kind::METHOD_NOT_ALLOWED, detail)
}
