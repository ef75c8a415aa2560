use aide::transform::TransformOperation;
use axum::extract::State;
use todo_core::DeleteItem;

use super::path::ItemPath;
use crate::http::App;
use crate::http::answer::NoContent;
use crate::http::extract::{Conditional, Path};
use crate::http::problem::{Problem, kind, may_answer};

pub(super) async fn delete(
    State(app): State<App>,
    Conditional(precondition): Conditional,
    Path(ItemPath { id }): Path<ItemPath>,
) -> Result<NoContent, Problem> {
    let delete = DeleteItem { id: id.0 };
    app.db.write(delete, precondition, app.clock.now()).await?;
    Ok(NoContent)
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("deleteItem")
        .tag("items")
        .summary("Delete a checklist item")
        .description("A deleted item cannot be brought back.")
        .with(may_answer(&kind::ITEM_NOT_FOUND))
}
