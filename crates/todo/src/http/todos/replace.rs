use aide::transform::TransformOperation;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use todo_core::{ReplaceTodo, Replaced};

use super::create::{NewTodo, created};
use super::path::TodoPath;
use super::view::TodoView;
use crate::http::App;
use crate::http::after::AfterResponse;
use crate::http::answer::Created;
use crate::http::extract::{BaseUrl, Conditional, Json, Path};
use crate::http::problem::Problem;

pub(super) async fn replace(
    State(app): State<App>,
    after: AfterResponse,
    base: BaseUrl,
    Conditional(precondition): Conditional,
    Path(TodoPath { id }): Path<TodoPath>,
    Json(new): Json<NewTodo>,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let replace = ReplaceTodo {
        id: id.0,
        draft: new.into(),
    };
    let replaced = app.db.write(replace, precondition, now).await?;
    Ok(match replaced {
        Replaced::Created(todo) => created(todo, &after, &base).into_response(),
        Replaced::Updated(todo) => Json(TodoView::new(todo, &base)).into_response(),
    })
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("replaceTodo")
        .tag("todos")
        .summary("Replace a todo, or create it under an id of your own")
        .description("A field that is left out gets the default of a new todo, except `order`, which stays. With `If-None-Match: *` it only creates.")
        .response::<200, Json<TodoView>>()
        .response::<201, Created<TodoView>>()
}
