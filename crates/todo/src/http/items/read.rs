use aide::transform::TransformOperation;
use axum::extract::State;

use super::path::ItemPath;
use super::view::ItemView;
use crate::http::App;
use crate::http::extract::{BaseUrl, Json, Path};
use crate::http::problem::{Problem, kind, may_answer};

pub(super) async fn read(
    State(app): State<App>,
    base: BaseUrl,
    Path(ItemPath { id }): Path<ItemPath>,
) -> Result<Json<ItemView>, Problem> {
    let item = app.db.read_item(id.0).await?;
    Ok(Json(ItemView::new(item, &base)))
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("readItem")
        .tag("items")
        .summary("Read a checklist item")
        .description("Answers with the whole item.")
        .with(may_answer(&kind::ITEM_NOT_FOUND))
}
