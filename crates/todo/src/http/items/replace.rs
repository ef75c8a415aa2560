use aide::transform::TransformOperation;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use todo_core::Replaced;
use todo_core::{ItemDraft, ReplaceItem};

use super::path::ItemPath;
use super::view::ItemView;
use crate::http::App;
use crate::http::answer::Created;
use crate::http::extract::{BaseUrl, Conditional, Json, Path};
use crate::http::problem::{Problem, kind, may_answer};
use crate::http::value::{Order, Title, TodoId};

/// A checklist item to create under this id, or to replace another with.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WholeItem {
    /// The todo whose checklist it belongs to.
    todo_id: TodoId,
    /// What is to be done. White space around it is dropped.
    #[schemars(example = "Take the bottles back")]
    title: Title,
    /// Whether it is done already; by default it is not.
    #[serde(default)]
    #[schemars(example = false)]
    completed: bool,
    /// Its place on the checklist. By default it stays; an item new to this checklist comes last.
    #[serde(default)]
    order: Option<Order>,
}

pub(super) async fn replace(
    State(app): State<App>,
    base: BaseUrl,
    Conditional(precondition): Conditional,
    Path(ItemPath { id }): Path<ItemPath>,
    Json(whole): Json<WholeItem>,
) -> Result<Response, Problem> {
    let draft = ItemDraft {
        title: whole.title.0,
        completed: whole.completed,
        order: whole.order.map(|order| order.0),
    };
    let replace = ReplaceItem {
        id: id.0,
        todo_id: whole.todo_id.0,
        draft,
    };
    let now = app.clock.now();
    let replaced = app.db.write(replace, precondition, now).await?;
    Ok(match replaced {
        Replaced::Created(item) => {
            let body = ItemView::new(item, &base);
            let location = body.url.clone();
            Created { location, body }.into_response()
        }
        Replaced::Updated(item) => Json(ItemView::new(item, &base)).into_response(),
    })
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("replaceItem")
        .tag("items")
        .summary("Replace a checklist item, or create it under an id of your own")
        .description(
            "If `todo_id` names another todo than before, the item moves to that todo's checklist.",
        )
        .response::<200, Json<ItemView>>()
        .response::<201, Created<ItemView>>()
        .with(may_answer(&kind::TODO_NOT_FOUND))
        .with(may_answer(&kind::CHECKLIST_FULL))
}
