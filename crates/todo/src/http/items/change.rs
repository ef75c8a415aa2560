use aide::transform::TransformOperation;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_with::rust::unwrap_or_skip;
use todo_core::{ChangeItem, ItemPatch as Patch};

use super::path::ItemPath;
use super::view::ItemView;
use crate::http::App;
use crate::http::extract::{BaseUrl, Conditional, Json, MergePatch, Path};
use crate::http::problem::{Problem, kind, may_answer};
use crate::http::value::{Order, Title};

/// A change to an item: a JSON merge patch (RFC 7396). What is absent stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemPatch {
    /// What is to be done.
    #[serde(default, deserialize_with = "unwrap_or_skip::deserialize")]
    #[schemars(with = "Title", default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = "Take the bottles back")]
    title: Option<Title>,
    /// Whether it is done.
    #[serde(default, deserialize_with = "unwrap_or_skip::deserialize")]
    #[schemars(with = "bool", default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = true)]
    completed: Option<bool>,
    /// Its place on the checklist.
    #[serde(default, deserialize_with = "unwrap_or_skip::deserialize")]
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
        title: patch.title.map(|title| title.0),
        completed: patch.completed,
        order: patch.order.map(|order| order.0),
    };
    let now = app.clock.now();
    let change = ChangeItem { id: id.0, patch };
    let item = app.db.write(change, precondition, now).await?;
    Ok(Json(ItemView::new(item, &base)))
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("changeItem")
        .tag("items")
        .summary("Change a checklist item")
        .description("Takes a JSON merge patch (RFC 7396), and answers with the whole item.")
        .with(may_answer(&kind::ITEM_NOT_FOUND))
}
