//! The operations on checklist items, one file each.

mod change;
mod create;
mod delete;
mod list;
mod list_all;
mod path;
mod read;
mod replace;
mod view;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;

pub(super) use view::ItemView;

use super::App;
use super::endpoint::finish;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/items", get_with(list_all::list_all, list_all::doc))
        .api_route(
            "/todos/{id}/items",
            get_with(list::list, list::doc).post_with(finish(create::create), create::doc),
        )
        .api_route(
            "/items/{id}",
            get_with(read::read, read::doc)
                .put_with(finish(replace::replace), replace::doc)
                .patch_with(finish(change::change), change::doc)
                .delete_with(finish(delete::delete), delete::doc),
        )
}
