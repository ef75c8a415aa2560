//! The users of the service. There are no accounts yet, so there is only the local user.

mod list;
mod login;

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};

use super::App;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/users", get_with(list::list, list::doc))
        .api_route("/login", post_with(login::login, login::doc))
}
