//! The lab: its page, and what the page asks for.

mod local;
mod page;
mod run;
mod stream;

use aide::axum::ApiRouter;
use aide::axum::routing::post_with;
use axum::Extension;
use todo_lab::Lab;

use super::App;

pub(super) fn routes() -> ApiRouter<App> {
    let run = ApiRouter::new().api_route("/lab/{experiment}", post_with(run::run, run::doc));
    // One for the whole service, so that one experiment runs at a time.
    run.layer(Extension(Lab::default())).merge(page::routes())
}
