use aide::transform::TransformOperation;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use todo_core::{ClearTodos, Precondition};

use crate::http::App;
use crate::http::answer::NoContent;
use crate::http::extract::{OnExisting, Query};
use crate::http::problem::Problem;

/// Which todos to delete. By default all.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct WhichTodos {
    /// Only todos that are done (`true`), or only todos that are not (`false`).
    #[schemars(example = true)]
    completed: Option<bool>,
}

pub(super) async fn clear(
    State(app): State<App>,
    _: OnExisting,
    Query(query): Query<WhichTodos>,
) -> Result<NoContent, Problem> {
    let clear = ClearTodos {
        completed: query.completed,
    };
    let now = app.clock.now();
    app.db.write(clear, Precondition::None, now).await?;
    Ok(NoContent)
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("clearTodos")
        .tag("todos")
        .summary("Delete all todos, or only those that are done")
        .description("With `completed` it deletes only todos that are done, or only todos that are not. Their checklists are deleted too.")
}
