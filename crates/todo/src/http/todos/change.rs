use aide::transform::TransformOperation;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_with::rust::{double_option, unwrap_or_skip};
use todo_core::{ChangeTodo, Patch};

use super::path::TodoPath;
use super::view::TodoView;
use crate::http::App;
use crate::http::extract::{BaseUrl, Conditional, Json, MergePatch, Path};
use crate::http::problem::{Problem, kind, may_answer};
use crate::http::value::{Notes, Order, Title};

/// A change to a todo: a JSON merge patch (RFC 7396). What is absent stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TodoPatch {
    /// What is to be done.
    #[serde(default, deserialize_with = "unwrap_or_skip::deserialize")]
    #[schemars(with = "Title", default, skip_serializing_if = "Option::is_none")]
    title: Option<Title>,
    /// More about it; null removes it.
    #[serde(default, deserialize_with = "double_option::deserialize")]
    #[schemars(
        with = "Option<Notes>",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    notes: Option<Option<Notes>>,
    /// Whether it is done.
    #[serde(default, deserialize_with = "unwrap_or_skip::deserialize")]
    #[schemars(with = "bool", default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = true)]
    completed: Option<bool>,
    /// Its place in the list.
    #[serde(default, deserialize_with = "unwrap_or_skip::deserialize")]
    #[schemars(with = "Order", default, skip_serializing_if = "Option::is_none")]
    order: Option<Order>,
}

pub(super) async fn change(
    State(app): State<App>,
    base: BaseUrl,
    Conditional(precondition): Conditional,
    Path(TodoPath { id }): Path<TodoPath>,
    MergePatch(patch): MergePatch<TodoPatch>,
) -> Result<Json<TodoView>, Problem> {
    let now = app.clock.now();
    let change = ChangeTodo {
        id: id.0,
        patch: patch.into(),
    };
    let todo = app.db.write(change, precondition, now).await?;
    Ok(Json(TodoView::new(todo, &base)))
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("changeTodo")
        .tag("todos")
        .summary("Change a todo")
        .description("Takes a JSON merge patch (RFC 7396), and answers with the whole todo.")
        .with(may_answer(&kind::TODO_NOT_FOUND))
}

impl From<TodoPatch> for Patch {
    fn from(patch: TodoPatch) -> Self {
        Self {
            title: patch.title.map(|title| title.0),
            notes: patch.notes.map(|notes| notes.map(|notes| notes.0)),
            completed: patch.completed,
            order: patch.order.map(|order| order.0),
        }
    }
}
