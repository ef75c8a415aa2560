//! The API reference: Swagger UI, from this binary alone.

use aide::axum::ApiRouter;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::http::App;

/// Scripts and styles come from here and nowhere else. Swagger UI sets styles on its elements.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

macro_rules! asset {
    ($file:literal, $media_type:literal) => {
        get(async || {
            file(
                include_bytes!(concat!("../../../assets/", $file)),
                $media_type,
            )
        })
    };
}

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .route(
            "/docs",
            asset!("docs/index.html", "text/html; charset=utf-8"),
        )
        .route(
            "/docs/docs.css",
            asset!("docs/docs.css", "text/css; charset=utf-8"),
        )
        .route(
            "/docs/docs.js",
            asset!("docs/docs.js", "text/javascript; charset=utf-8"),
        )
        .route(
            "/docs/swagger-ui.css",
            asset!("swagger-ui/swagger-ui.css", "text/css; charset=utf-8"),
        )
        .route(
            "/docs/swagger-ui-bundle.js",
            asset!(
                "swagger-ui/swagger-ui-bundle.js",
                "text/javascript; charset=utf-8"
            ),
        )
        .route(
            "/docs/favicon.png",
            asset!("swagger-ui/favicon-32x32.png", "image/png"),
        )
}

fn file(body: &'static [u8], media_type: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "max-age=3600"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body).into_response()
}
