use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use todo_core::{Clock, Ids};

use super::acceptable::accept_identity;
use super::contain::contain;
use super::{AllowedOrigins, WithoutQuery, body, host, origin, slash, trace};

/// The configuration of the gate, the outermost layer after CORS.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    /// The foreign origins whose pages may change something.
    pub(crate) origins: AllowedOrigins,
    /// The longest time from a request's head to its response's head.
    pub(crate) time: Duration,
    /// The largest request body, in bytes.
    pub(crate) body: usize,
    /// The operations that take no query parameters.
    pub(crate) without_query: WithoutQuery,
    /// All routes, without this gate.
    pub(crate) routes: Router,
    /// The clock of the request ids.
    pub(crate) clock: Clock,
    /// The generator of the request ids.
    pub(crate) ids: Ids,
}

/// Gives every request an id, logs it, refuses it if it was not meant for this service, and makes
/// sure that it is answered.
///
/// Why one layer does all of this: each further layer would box and clone the service inside it.
pub(crate) async fn pass(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let admitted = host::check(&request)
        .and_then(|()| origin::check(&gate.origins, &request))
        .and_then(|()| gate.without_query.check(&request))
        .and_then(|()| body::check(&request, gate.body));
    let answer = async |request: Request| match admitted {
        Ok(()) => match slash::redirect(&gate.routes, request.uri()).await {
            Some(redirect) => redirect,
            None => contain(gate.time, request, async |request| next.run(request).await).await,
        },
        Err(problem) => problem.into_response(),
    };
    accept_identity(request.headers_mut());
    let mut response = trace::trace(&gate.ids, gate.clock.now(), request, answer).await;
    let headers = response.headers_mut();
    // Disables content sniffing.
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    // Todos are private, so responses are not cached. A response with an entity tag sets its own
    // caching rule.
    if !headers.contains_key(header::ETAG) {
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
    }
    response
}
