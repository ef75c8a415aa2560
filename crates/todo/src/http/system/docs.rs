//! The API reference: Swagger UI, embedded in the binary.

use aide::axum::ApiRouter;

use crate::http::App;
use crate::http::asset::{asset, assets};

/// Scripts come from this service only. Inline styles are allowed, because Swagger UI sets styles
/// on its elements.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

pub(super) fn routes() -> ApiRouter<App> {
    let files = assets!(
        POLICY,
        "docs" / ["docs.css", "docs.js"],
        "swagger-ui"
            / [
                "favicon-32x32.png",
                "swagger-ui-bundle.js",
                "swagger-ui.css"
            ]
    );
    ApiRouter::new()
        .route("/docs", asset!(POLICY, "docs" / "index.html"))
        .route("/docs/{file}", files)
}
