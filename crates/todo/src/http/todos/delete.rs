use aide::transform::TransformOperation;
use axum::extract::State;

use super::TodoPath;
use crate::http::App;
use crate::http::answer::NoContent;
use crate::http::extract::{Conditional, Path};
use crate::http::problem::Problem;

pub(super) async fn delete(
    State(app): State<App>,
    Conditional(precondition): Conditional,
    Path(TodoPath { id }): Path<TodoPath>,
) -> Result<NoContent, Problem> {
    app.store.delete_todo(id, precondition).await?;
    Ok(NoContent)
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("deleteTodo")
        .tag("todos")
        .summary("Delete a todo and its checklist")
        .response_with::<404, Problem, _>(|response| response.description("Todo not found"))
}
