use aide::transform::TransformOperation;
use axum::extract::State;
use todo_core::DeleteTodo;

use super::path::TodoPath;
use crate::http::App;
use crate::http::answer::NoContent;
use crate::http::extract::{Conditional, Path};
use crate::http::problem::{Problem, kind, may_answer};

pub(super) async fn delete(
    State(app): State<App>,
    Conditional(precondition): Conditional,
    Path(TodoPath { id }): Path<TodoPath>,
) -> Result<NoContent, Problem> {
    let delete = DeleteTodo { id: id.0 };
    app.db.write(delete, precondition, app.clock.now()).await?;
    Ok(NoContent)
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("deleteTodo")
        .tag("todos")
        .summary("Delete a todo and its checklist")
        .description("A deleted todo cannot be brought back.")
        .with(may_answer(&kind::TODO_NOT_FOUND))
}
