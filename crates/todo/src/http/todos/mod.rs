//! The operations on todos, one file each.

mod change;
mod clear;
mod create;
mod delete;
mod list;
mod path;
mod read;
mod replace;
mod view;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;

pub(super) use path::TodoPath;
pub(super) use view::TodoView;

#[cfg(test)]
pub(super) use list::ListTodos;

use super::App;
use super::endpoint::finish;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/todos",
            get_with(list::list, list::doc)
                .post_with(finish(create::create), create::doc)
                .delete_with(finish(clear::clear), clear::doc),
        )
        .api_route(
            "/todos/{id}",
            get_with(read::read, read::doc)
                .patch_with(finish(change::change), change::doc)
                .put_with(finish(replace::replace), replace::doc)
                .delete_with(finish(delete::delete), delete::doc),
        )
}
