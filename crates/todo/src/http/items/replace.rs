use aide::transform::TransformOperation;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{ItemPath, ItemView};
use crate::domain::{ItemDraft, Order, Title, TodoId};
use crate::http::App;
use crate::http::answer::Created;
use crate::http::extract::{BaseUrl, Conditional, Json, Path};
use crate::http::problem::Problem;
use crate::store::Replaced;

/// A checklist item as it is to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WholeItem {
    /// The todo on whose checklist it is to stand.
    todo_id: TodoId,
    /// What is to be done. White space around it is dropped.
    title: Title,
    /// Whether it is done already.
    #[serde(default)]
    completed: bool,
    /// Where it stands on the checklist: by default last, or when it replaces an item of the same, where that stood.
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
        title: whole.title,
        completed: whole.completed,
        order: whole.order,
    };
    let (todo_id, now) = (whole.todo_id, app.clock.now());
    let replaced = app
        .store
        .replace_item(id, todo_id, draft, precondition, now)
        .await?;
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
        .description("With another `todo_id` than before, it moves to that todo's checklist.")
        .response::<200, Json<ItemView>>()
        .response::<201, Created<ItemView>>()
        .response_with::<404, Problem, _>(|response| response.description("Todo not found"))
        .response_with::<409, Problem, _>(|response| response.description("Checklist full"))
}
