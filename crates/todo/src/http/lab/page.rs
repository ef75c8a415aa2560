//! The page of the lab: static files, all embedded in the binary.

use aide::axum::ApiRouter;

use crate::http::App;
use crate::http::asset::{asset, assets};

/// Scripts, styles and data come from this service only.
const POLICY: &str =
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

pub(super) fn routes() -> ApiRouter<App> {
    let files = assets!(
        POLICY,
        "lab" / ["lab.css", "dom.js", "lab.js", "stream.js", "timeline.js"]
    );
    ApiRouter::new()
        .route("/lab", asset!(POLICY, "lab" / "index.html"))
        .route("/lab/page/{file}", files)
}
