//! The lab: its page, and the operation that runs an experiment.

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
    // The whole service has one `Lab`, so that only one experiment runs at a time.
    run.layer(Extension(Lab::default())).merge(page::routes())
}
