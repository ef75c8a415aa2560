//! Operations about the service itself: health, metrics, and the description of the API.

mod docs;
mod fallback;
mod health;
mod metrics;
mod openapi;
mod problems;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;

pub(super) use fallback::{method_not_allowed, route_not_found};
pub(super) use openapi::{document, publish};

use super::App;
use super::endpoint::sync;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/healthz",
            get_with(sync(health::healthz), health::healthz_doc),
        )
        .api_route("/readyz", get_with(health::readyz, health::readyz_doc))
        .api_route(
            "/metrics",
            get_with(sync(metrics::metrics), metrics::metrics_doc),
        )
        .api_route(
            "/problems",
            get_with(sync(problems::list), problems::list_doc),
        )
        .api_route(
            "/problems/{slug}",
            get_with(sync(problems::read), problems::read_doc),
        )
        .merge(docs::routes())
}
