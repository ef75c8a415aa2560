use aide::transform::TransformOperation;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::http::App;
use crate::http::answer::NoContent;
use crate::http::extract::{OnExisting, Query};
use crate::http::problem::Problem;

/// Which todos to delete: all, unless it says otherwise.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct ClearTodos {
    /// Only those that are done, or only those that are not.
    completed: Option<bool>,
}

pub(super) async fn clear(
    State(app): State<App>,
    _: OnExisting,
    Query(query): Query<ClearTodos>,
) -> Result<NoContent, Problem> {
    app.store.delete_todos(query.completed).await?;
    Ok(NoContent)
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("clearTodos")
        .tag("todos")
        .summary("Delete all todos, or only those that are done")
}
