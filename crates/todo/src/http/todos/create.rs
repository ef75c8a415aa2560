use aide::transform::TransformOperation;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use todo_core::{CreateTodo, Draft, Precondition, Todo, TodoId};

use super::view::TodoView;
use crate::http::App;
use crate::http::after::AfterResponse;
use crate::http::answer::Created;
use crate::http::extract::{BaseUrl, Json, OnExisting};
use crate::http::problem::Problem;
use crate::http::value::{Notes, Order, Title};

/// A todo to create, or to replace another with.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTodo {
    /// What is to be done. White space around it is dropped.
    title: Title,
    /// More about it.
    #[serde(default)]
    notes: Option<Notes>,
    /// Whether it is done already; by default it is not.
    #[serde(default)]
    #[schemars(example = false)]
    completed: bool,
    /// Its place in the list. By default it stays; a new todo comes last.
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
    let now = app.clock.now();
    let create = CreateTodo {
        id: TodoId(app.ids.next(now)),
        draft: new.into(),
    };
    let todo = app.db.write(create, Precondition::None, now).await?;
    Ok(created(todo, &after, &base))
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("createTodo")
        .tag("todos")
        .summary("Add a todo")
        .description("It is on disk when the answer is sent; \"Todo added\" is logged afterwards.")
}

/// The response of an operation that created a todo. Logs the creation after the response.
pub(super) fn created(todo: Todo, after: &AfterResponse, base: &BaseUrl) -> Created<TodoView> {
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
            title: new.title.0,
            notes: new.notes.map(|notes| notes.0),
            completed: new.completed,
            order: new.order.map(|order| order.0),
        }
    }
}
