use aide::transform::TransformOperation;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use super::TodoView;
use crate::domain::{Draft, Notes, Order, Title, TodoId};
use crate::http::App;
use crate::http::after::AfterResponse;
use crate::http::answer::Created;
use crate::http::extract::{BaseUrl, Json, OnExisting};
use crate::http::problem::Problem;

/// A todo to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTodo {
    /// What is to be done. White space around it is dropped.
    title: Title,
    /// More about it.
    #[serde(default)]
    notes: Option<Notes>,
    /// Whether it is done already.
    #[serde(default)]
    completed: bool,
    /// Where it stands in the list: by default last, or when it replaces a todo, where that stood.
    #[serde(default)]
    order: Option<Order>,
}

pub(super) async fn create(
    State(app): State<App>,
    after: AfterResponse,
    base: BaseUrl,
    _: OnExisting,
    Json(new): Json<NewTodo>,
) -> Result<Created<TodoView>, Problem> {
    let id = TodoId::generate();
    let todo = app
        .store
        .create_todo(id, new.into(), app.clock.now())
        .await?;
    Ok(created(todo, &after, &base))
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("createTodo")
        .tag("todos")
        .summary("Add a todo")
        .description("It is on disk when the answer is sent; \"Todo added\" is logged afterwards.")
}

/// The answer to whatever created a todo.
pub(super) fn created(
    todo: crate::domain::Todo,
    after: &AfterResponse,
    base: &BaseUrl,
) -> Created<TodoView> {
    let id = todo.id;
    after.log("todo-added", move || {
        tracing::info!("Todo added: {id}");
    });
    let body = TodoView::new(todo, base);
    Created {
        location: body.url.clone(),
        body,
    }
}

impl From<NewTodo> for Draft {
    fn from(new: NewTodo) -> Self {
        Self {
            title: new.title,
            notes: new.notes,
            completed: new.completed,
            order: new.order,
        }
    }
}
