//! The live page of the ledger: its files for the browser, and the JSON that they show.

mod asset;
#[cfg(test)]
mod fixture;
mod guard;
mod json;
mod source;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{OriginalUri, Query, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;

use self::asset::Links;
use self::guard::Guard;
use self::json::Json;
pub(crate) use self::source::Source;
use crate::problem;
use crate::request::Scope;

/// The live page of the ledger: where the time of every request goes, and the verdict on each
/// endpoint.
///
/// | Path | Answer |
/// |---|---|
/// | `/` | the page |
/// | `/ledger.json` | a [`Snapshot`](super::snapshot::Snapshot), at most half a second old, without the buckets of its distributions |
/// | `/endpoint.json?method=GET&route=/todos/{id}` | an [`EndpointDetail`](super::snapshot::EndpointDetail): one endpoint, with the requests kept of it |
///
/// All files of the page are embedded in the program. The page sends no request to another host.
///
/// # Who may look
///
/// Stack traces and routes are confidential. By default a request is answered only if its peer is a
/// loopback address, its host is a loopback name, and it has no proxy header. The host check
/// prevents DNS rebinding. The proxy check prevents a local proxy from exposing the page. All other
/// requests get `403 Forbidden`; [`guard`](Self::guard) replaces these checks.
///
/// The peer is known under [`Sabr::serve`](crate::Sabr::serve). Elsewhere axum's
/// `into_make_service_with_connect_info::<SocketAddr>()` makes it known.
///
/// A local proxy that names this machine as the host and adds no proxy header cannot be told from a
/// local browser. Set a guard if the service is behind one.
pub struct Page {
    source: Source,
    guard: Guard,
    links: Links,
}

impl Page {
    pub(crate) fn new(source: Source) -> Self {
        let guard = Guard::this_machine();
        let links = Links::default();
        Self {
            source,
            guard,
            links,
        }
    }

    /// Replaces the default guard. Only requests for which `guard` returns true are answered.
    #[must_use]
    pub fn guard(mut self, guard: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        self.guard = Guard::new(guard);
        self
    }

    /// Adds a link to a page of the service above the header: `.link("API", "/docs")`. A link to
    /// this page itself is marked as the current page.
    #[must_use]
    pub fn link(mut self, name: &str, address: &str) -> Self {
        self.links.add(name, address);
        self
    }

    /// The routes, for [`nest`](Router::nest) under any path; `/_sabr` is the usual one.
    pub fn into_router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        Router::new()
            .route("/", get(document).with_state(Arc::new(self.links)))
            .route("/ledger.json", get(ledger))
            .route("/endpoint.json", get(endpoint))
            .merge(asset::routes())
            .route_layer(middleware::from_fn_with_state(self.guard, admit))
            .with_state(Arc::new(Json::new(self.source)))
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").finish_non_exhaustive()
    }
}

/// Asks the guard, and sends the headers that restrict what the page may do in the browser.
async fn admit(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if let Some(scope) = parts.extensions.get::<Arc<Scope>>() {
        // Why: an open page sends a request each second, and would soon be the busiest endpoint.
        scope.meter().exclude();
    }
    let mut response = if guard.admits(&parts) {
        next.run(Request::from_parts(parts, body)).await
    } else {
        problem::response(StatusCode::FORBIDDEN, guard::REFUSAL)
    };
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         base-uri 'self'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (header::CACHE_CONTROL, "no-store"),
];

async fn document(
    State(links): State<Arc<Links>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    asset::document(uri.path(), &links, &headers)
}

async fn ledger(State(json): State<Arc<Json>>) -> Response {
    json.ledger().await
}

/// The query of a request for one endpoint.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    method: String,
    route: String,
}

async fn endpoint(
    State(json): State<Arc<Json>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Query(Asked { method, route }) = asked.unwrap_or_default();
    json.endpoint(method, route).await
}
