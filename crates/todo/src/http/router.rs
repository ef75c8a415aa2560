use std::time::Duration;

use aide::axum::ApiRouter;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, Method, header};
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use super::middleware::{self, AllowedOrigins, Gate, WithoutQuery};
use super::{App, events, items, lab, system, todos, users, web};

/// The limits of a request.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest size of a request body, in bytes.
    pub body: usize,
    /// The longest time from the head of a request to the head of its response. The body of the
    /// request must arrive within this time.
    pub time: Duration,
    /// The foreign origins whose pages may use the service.
    pub origins: AllowedOrigins,
}

/// The router of the whole service, to be served by [`Sabr`](sabr::Sabr).
pub fn router(app: App, limits: Limits) -> Router {
    let mut document = system::document();
    let router = ApiRouter::new()
        .merge(todos::routes())
        .merge(items::routes())
        .merge(users::routes())
        .merge(events::routes(&app))
        .merge(lab::routes())
        .merge(web::routes())
        .merge(system::routes())
        .finish_api(&mut document);
    let without_query = WithoutQuery::of(&document);
    let document = system::publish(&document);
    let openapi =
        get(async move || ([(header::CONTENT_TYPE, "application/json")], document).into_response());

    let Limits {
        body,
        time,
        origins,
    } = limits;
    let cors = (!origins.is_empty()).then(|| cors(origins.clone()));
    let (clock, ids) = (app.clock.clone(), app.ids.clone());
    let page = app.sabr.ledger().page();
    let page = page
        .link("Todo", "/")
        .link("Lab", "/lab")
        .link("Waits", "/_sabr")
        .link("API", "/docs");
    let routes = router
        .route("/openapi.json", openapi)
        .nest("/_sabr", page.into_router())
        .fallback(system::route_not_found)
        .method_not_allowed_fallback(system::method_not_allowed)
        .with_state(app);
    let gate = Gate {
        origins,
        time,
        body,
        without_query,
        routes: routes.clone(),
        clock,
        ids,
    };
    // The layers, outermost first.
    let layers = ServiceBuilder::new()
        .option_layer(cors)
        .layer(from_fn_with_state(gate, middleware::pass))
        // Responses are compressed on the event loop, so the level must be the fastest one. At that
        // level the largest page takes some milliseconds.
        .layer(compression())
        .layer(DefaultBodyLimit::max(body));
    routes.layer(layers)
}

/// Compresses responses, except NDJSON: gzip would hold lines back until its buffer is full.
fn compression() -> CompressionLayer<impl Predicate> {
    let lines = NotForContentType::const_new("application/x-ndjson");
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(DefaultPredicate::new().and(lines))
}

/// Lets pages of the allowed origins send any header, and read the headers in [`EXPOSED`].
fn cors(origins: AllowedOrigins) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| {
            origins.allow(origin)
        }))
        .allow_methods([
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        // Allows whatever headers the page asks for. Why: no header grants a permission here, and a
        // list would have to keep up with `EventSource` polyfills and with the tracers of browsers.
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(EXPOSED)
        // The response varies by `Origin` only. Responses to preflights are not kept by HTTP
        // caches.
        .vary([header::ORIGIN])
        .allow_private_network(true)
        .max_age(Duration::from_secs(3600))
}

/// The response headers that a page of another origin may read, in addition to those that every
/// page may read (Fetch standard, "CORS-safelisted response-header name").
const EXPOSED: [HeaderName; 11] = [
    header::ACCEPT,
    HeaderName::from_static("accept-patch"),
    HeaderName::from_static("accept-post"),
    header::ALLOW,
    header::DATE,
    header::ETAG,
    header::LINK,
    header::LOCATION,
    header::RETRY_AFTER,
    HeaderName::from_static("server-timing"),
    HeaderName::from_static("x-request-id"),
];
