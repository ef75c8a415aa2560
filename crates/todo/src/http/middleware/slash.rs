//! Redirects `/todos/` to `/todos`. FastAPI users and many clients write the trailing slash.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;

/// A method that no route has. A request with it finds out whether a route exists, and runs no
/// handler: the router answers 405 if the route exists, and 404 if it does not.
const PROBE: &[u8] = b"PROBE";

/// The redirect to the path without trailing slashes, if that path has a route.
///
/// The status is 308, with which clients repeat the method and the body. So it works for writes.
pub(super) async fn redirect(routes: &Router, uri: &Uri) -> Option<Response> {
    let path = uri.path().trim_end_matches('/');
    // A `Location` that starts with two slashes names another host (RFC 3986, section 4.2).
    if path.len() == uri.path().len() || path.is_empty() || path.starts_with("//") {
        return None;
    }
    let probe = Request::builder().method(Method::from_bytes(PROBE).ok()?);
    let probe = probe.uri(path).body(Body::empty()).ok()?;
    let Ok(found) = routes.clone().oneshot(probe).await;
    if found.status() == StatusCode::NOT_FOUND {
        return None;
    }
    let location = match uri.query() {
        Some(query) => HeaderValue::try_from(format!("{path}?{query}")),
        None => HeaderValue::try_from(path),
    };
    let location = [(header::LOCATION, location.ok()?)];
    Some((StatusCode::PERMANENT_REDIRECT, location).into_response())
}
