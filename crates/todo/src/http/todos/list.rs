use aide::transform::TransformOperation;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TodoView;
use crate::http::App;
use crate::http::extract::{BaseUrl, Query};
use crate::http::page::{Cursor, Limit, Paged, slice};
use crate::http::problem::Problem;

/// Which todos to list.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(in crate::http) struct ListTodos {
    /// How many there are on a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<Limit>,
    /// Where the page begins: from the `Link` of the page before.
    #[serde(skip_serializing)]
    cursor: Option<Cursor>,
    /// Only those that are done, or only those that are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    completed: Option<bool>,
}

pub(super) async fn list(
    State(app): State<App>,
    base: BaseUrl,
    Query(query): Query<ListTodos>,
) -> Result<Paged<Vec<TodoView>>, Problem> {
    let slice = slice(query.limit, query.cursor);
    let page = app.store.list_todos(query.completed, slice).await?;
    let todos = page.entries.into_iter();
    let todos = todos.map(|todo| TodoView::new(todo, &base)).collect();
    Ok(Paged::new(todos, &base, "/todos", &query, page.next))
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("listTodos")
        .tag("todos")
        .summary("List todos")
        .description("In order, a page at a time; `Link` says where the next page is.")
}
