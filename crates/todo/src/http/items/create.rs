use aide::transform::TransformOperation;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use super::ItemView;
use crate::domain::{ItemDraft, ItemId, Order, Title};
use crate::http::App;
use crate::http::answer::Created;
use crate::http::extract::{BaseUrl, Json, OnExisting, Path};
use crate::http::problem::Problem;
use crate::http::todos::TodoPath;

/// A checklist item to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewItem {
    /// What is to be done. White space around it is dropped.
    title: Title,
    /// Whether it is done already.
    #[serde(default)]
    completed: bool,
    /// Where it stands on the checklist; by default last.
    #[serde(default)]
    order: Option<Order>,
}

pub(super) async fn create(
    State(app): State<App>,
    base: BaseUrl,
    _: OnExisting,
    Path(TodoPath { id: todo_id }): Path<TodoPath>,
    Json(new): Json<NewItem>,
) -> Result<Created<ItemView>, Problem> {
    let draft = ItemDraft {
        title: new.title,
        completed: new.completed,
        order: new.order,
    };
    let (id, now) = (ItemId::generate(), app.clock.now());
    let item = app.store.create_item(id, todo_id, draft, now).await?;
    let body = ItemView::new(item, &base);
    Ok(Created {
        location: body.url.clone(),
        body,
    })
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("createItem")
        .tag("items")
        .summary("Add an item to a todo's checklist")
        .response_with::<404, Problem, _>(|response| response.description("Todo not found"))
        .response_with::<409, Problem, _>(|response| response.description("Checklist full"))
}
