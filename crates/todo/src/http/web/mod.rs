//! The web app at `/`, and what all pages share: static files, from this binary alone.

use aide::axum::ApiRouter;

use super::App;
use super::asset::asset;

/// All there is comes from here, and no script or style from within a page.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! routes {
    ($($path:literal $file:literal $media_type:expr),* $(,)?) => {
        ApiRouter::new()$(.route($path, asset!($file, $media_type, CONTENT_SECURITY_POLICY)))*
    };
}

pub(super) fn routes() -> ApiRouter<App> {
    routes! {
        "/" "web/index.html" HTML,
        "/shared/base.css" "shared/base.css" CSS,
        "/shared/icon.svg" "shared/icon.svg" "image/svg+xml",
        "/shared/site.css" "shared/site.css" CSS,
        "/web/web.css" "web/web.css" CSS,
        "/web/api.js" "web/api.js" SCRIPT,
        "/web/app.js" "web/app.js" SCRIPT,
        "/web/dom.js" "web/dom.js" SCRIPT,
        "/web/id.js" "web/id.js" SCRIPT,
        "/web/known.js" "web/known.js" SCRIPT,
        "/web/list.js" "web/list.js" SCRIPT,
        "/web/live.js" "web/live.js" SCRIPT,
        "/web/order.js" "web/order.js" SCRIPT,
        "/web/outbox.js" "web/outbox.js" SCRIPT,
        "/web/panel.js" "web/panel.js" SCRIPT,
        "/web/row.js" "web/row.js" SCRIPT,
        "/web/step.js" "web/step.js" SCRIPT,
        "/web/todos.js" "web/todos.js" SCRIPT,
        "/web/words.js" "web/words.js" SCRIPT,
    }
}
