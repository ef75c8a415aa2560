use aide::transform::TransformOperation;
use axum::extract::State;

use super::ItemPath;
use crate::http::App;
use crate::http::answer::NoContent;
use crate::http::extract::{Conditional, Path};
use crate::http::problem::Problem;

pub(super) async fn delete(
    State(app): State<App>,
    Conditional(precondition): Conditional,
    Path(ItemPath { id }): Path<ItemPath>,
) -> Result<NoContent, Problem> {
    app.store.delete_item(id, precondition).await?;
    Ok(NoContent)
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("deleteItem")
        .tag("items")
        .summary("Delete a checklist item")
        .response_with::<404, Problem, _>(|response| response.description("Item not found"))
}
