use aide::transform::TransformOperation;
use axum::extract::State;

use super::{TodoPath, TodoView};
use crate::http::App;
use crate::http::extract::{BaseUrl, Json, Path};
use crate::http::problem::Problem;

pub(super) async fn read(
    State(app): State<App>,
    base: BaseUrl,
    Path(TodoPath { id }): Path<TodoPath>,
) -> Result<Json<TodoView>, Problem> {
    let todo = app.store.read_todo(id).await?;
    Ok(Json(TodoView::new(todo, &base)))
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("readTodo")
        .tag("todos")
        .summary("Read a todo")
        .response_with::<404, Problem, _>(|response| response.description("Todo not found"))
}
