use aide::transform::TransformOperation;
use axum::extract::State;

use super::path::TodoPath;
use super::view::TodoView;
use crate::http::App;
use crate::http::extract::{BaseUrl, Json, Path};
use crate::http::problem::{Problem, kind, may_answer};

pub(super) async fn read(
    State(app): State<App>,
    base: BaseUrl,
    Path(TodoPath { id }): Path<TodoPath>,
) -> Result<Json<TodoView>, Problem> {
    let todo = app.db.read_todo(id.0).await?;
    Ok(Json(TodoView::new(todo, &base)))
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("readTodo")
        .tag("todos")
        .summary("Read a todo")
        .description("Answers with the whole todo, without its checklist.")
        .with(may_answer(&kind::TODO_NOT_FOUND))
}
