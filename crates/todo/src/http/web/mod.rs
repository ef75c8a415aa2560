//! The web app at `/`, and the files that all pages share. All are static files, embedded in the
//! binary.

use aide::axum::ApiRouter;

use super::App;
use super::asset::{asset, assets};

/// Scripts, styles and data come from this service only. Inline scripts and styles are forbidden.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn routes() -> ApiRouter<App> {
    let shared = assets!(POLICY, "shared" / ["base.css", "icon.svg", "site.css"]);
    let web = assets!(
        POLICY,
        "web"
            / [
                "web.css",
                "address.js",
                "api.js",
                "app.js",
                "change.js",
                "checklist.js",
                "clock.js",
                "cover.js",
                "dom.js",
                "drafts.js",
                "drag.js",
                "editor.js",
                "entry.js",
                "fields.js",
                "footer.js",
                "id.js",
                "keys.js",
                "known.js",
                "list.js",
                "live.js",
                "loading.js",
                "move.js",
                "new_todo.js",
                "notices.js",
                "order.js",
                "outbox.js",
                "panel.js",
                "parked.js",
                "parked_list.js",
                "parking.js",
                "recent.js",
                "reconcile.js",
                "restore.js",
                "row.js",
                "screen.js",
                "status.js",
                "step.js",
                "storage.js",
                "toast.js",
                "todos.js",
                "undo.js",
                "undo_buttons.js",
                "window.js",
                "words.js",
            ]
    );
    ApiRouter::new()
        .route("/", asset!(POLICY, "web" / "index.html"))
        .route("/shared/{file}", shared)
        .route("/web/{file}", web)
}
