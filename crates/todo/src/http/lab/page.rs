//! The page: static files, from this binary alone.

use aide::axum::ApiRouter;

use crate::http::App;
use crate::http::asset::{asset, assets};

/// All there is comes from here.
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
