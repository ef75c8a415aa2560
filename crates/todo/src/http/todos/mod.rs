//! Todos: one file an operation.

mod change;
mod clear;
mod create;
mod delete;
mod list;
mod read;
mod replace;
mod view;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use schemars::JsonSchema;
use serde::Deserialize;

pub(super) use view::TodoView;

#[cfg(test)]
pub(super) use list::ListTodos;

use super::App;
use super::endpoint::finish;
use crate::http::value::TodoId;

/// The path of the todo in the examples.
pub(super) const EXAMPLE_URL: &str =
    "http://127.0.0.1:8000/todos/019b76da-a800-7000-8000-000000000001";

/// Names a todo in the path.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct TodoPath {
    /// The todo's id.
    pub id: TodoId,
}

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
