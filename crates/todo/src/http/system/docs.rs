//! The API reference: Swagger UI, from this binary alone.

use aide::axum::ApiRouter;

use crate::http::App;
use crate::http::asset::asset;

/// Scripts and styles come from here and nowhere else. Swagger UI sets styles on its elements.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .route(
            "/docs",
            asset!(
                "docs/index.html",
                "text/html; charset=utf-8",
                CONTENT_SECURITY_POLICY
            ),
        )
        .route(
            "/docs/docs.css",
            asset!(
                "docs/docs.css",
                "text/css; charset=utf-8",
                CONTENT_SECURITY_POLICY
            ),
        )
        .route(
            "/docs/docs.js",
            asset!(
                "docs/docs.js",
                "text/javascript; charset=utf-8",
                CONTENT_SECURITY_POLICY
            ),
        )
        .route(
            "/docs/swagger-ui.css",
            asset!(
                "swagger-ui/swagger-ui.css",
                "text/css; charset=utf-8",
                CONTENT_SECURITY_POLICY
            ),
        )
        .route(
            "/docs/swagger-ui-bundle.js",
            asset!(
                "swagger-ui/swagger-ui-bundle.js",
                "text/javascript; charset=utf-8",
                CONTENT_SECURITY_POLICY
            ),
        )
        .route(
            "/docs/favicon.png",
            asset!(
                "swagger-ui/favicon-32x32.png",
                "image/png",
                CONTENT_SECURITY_POLICY
            ),
        )
}
