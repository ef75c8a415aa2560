use std::sync::Arc;

use axum::body::{Body, HttpBody};
use axum::extract::Request;

use super::body::RequestBody;
use super::progress::Progress;
use super::scope::Scope;
use crate::shared::Shared;

/// Begins a request: puts its scope into it and wraps its body. `connection` is `None` if the
/// connection is not one of ours.
pub(crate) fn begin(
    shared: &Arc<Shared>,
    mut request: Request,
    connection: Option<Arc<Progress>>,
) -> (Arc<Scope>, Request) {
    shared.seen_runtime();
    shared.watch();
    if let Some(connection) = &connection {
        connection.request_began(request.version());
    }
    let scope = Arc::new(Scope::new(shared, &request, connection));
    request.extensions_mut().insert(Arc::clone(&scope));
    if !request.body().is_end_stream() {
        let scope = Arc::clone(&scope);
        let (head, body) = request.into_parts();
        let body = RequestBody::new(body, scope, &head.headers);
        request = Request::from_parts(head, Body::new(body));
    }
    (scope, request)
}
