//! The page: static files, from this binary alone.

use aide::axum::ApiRouter;

use crate::http::App;
use crate::http::asset::asset;

/// All there is comes from here.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const SCRIPT: &str = "text/javascript; charset=utf-8";

pub(super) fn routes() -> ApiRouter<App> {
    const POLICY: &str = CONTENT_SECURITY_POLICY;
    ApiRouter::new()
        .route(
            "/lab",
            asset!("lab/index.html", "text/html; charset=utf-8", POLICY),
        )
        .route(
            "/lab/lab.css",
            asset!("lab/lab.css", "text/css; charset=utf-8", POLICY),
        )
        .route("/lab/lab.js", asset!("lab/lab.js", SCRIPT, POLICY))
        .route(
            "/lab/timeline.js",
            asset!("lab/timeline.js", SCRIPT, POLICY),
        )
        .route("/lab/stream.js", asset!("lab/stream.js", SCRIPT, POLICY))
}
