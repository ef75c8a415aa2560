use aide::transform::TransformOperation;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{ItemPath, ItemView};
use crate::domain::{ItemPatch as Patch, Order, Title};
use crate::http::App;
use crate::http::extract::{BaseUrl, Conditional, Json, MergePatch, Path};
use crate::http::merge_patch::set;
use crate::http::problem::Problem;

/// A change to an item: a JSON merge patch (RFC 7396). What is absent stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemPatch {
    /// What is to be done.
    #[serde(default, deserialize_with = "set")]
    #[schemars(with = "Title", default, skip_serializing_if = "Option::is_none")]
    title: Option<Title>,
    /// Whether it is done.
    #[serde(default, deserialize_with = "set")]
    #[schemars(with = "bool", default, skip_serializing_if = "Option::is_none")]
    completed: Option<bool>,
    /// Where it stands on the checklist.
    #[serde(default, deserialize_with = "set")]
    #[schemars(with = "Order", default, skip_serializing_if = "Option::is_none")]
    order: Option<Order>,
}

pub(super) async fn change(
    State(app): State<App>,
    base: BaseUrl,
    Conditional(precondition): Conditional,
    Path(ItemPath { id }): Path<ItemPath>,
    MergePatch(patch): MergePatch<ItemPatch>,
) -> Result<Json<ItemView>, Problem> {
    let patch = Patch {
        title: patch.title,
        completed: patch.completed,
        order: patch.order,
    };
    let now = app.clock.now();
    let item = app.store.change_item(id, patch, precondition, now).await?;
    Ok(Json(ItemView::new(item, &base)))
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("changeItem")
        .tag("items")
        .summary("Change a checklist item")
        .description("Takes a JSON merge patch (RFC 7396), and answers with the whole item.")
        .response_with::<404, Problem, _>(|response| response.description("Item not found"))
}
