use aide::transform::TransformOperation;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use todo_core::{CreateItem, ItemDraft, ItemId, Precondition};

use super::view::ItemView;
use crate::http::App;
use crate::http::answer::Created;
use crate::http::extract::{BaseUrl, Json, OnExisting, Path};
use crate::http::problem::{Problem, kind, may_answer};
use crate::http::todos::TodoPath;
use crate::http::value::{Order, Title};

/// A checklist item to create.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewItem {
    /// What is to be done. White space around it is dropped.
    #[schemars(example = "Take the bottles back")]
    title: Title,
    /// Whether it is done already; by default it is not.
    #[serde(default)]
    #[schemars(example = false)]
    completed: bool,
    /// Its place on the checklist. By default it comes last.
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
        title: new.title.0,
        completed: new.completed,
        order: new.order.map(|order| order.0),
    };
    let now = app.clock.now();
    let create = CreateItem {
        id: ItemId(app.ids.next(now)),
        todo_id: todo_id.0,
        draft,
    };
    let item = app.db.write(create, Precondition::None, now).await?;
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
        .description("A checklist has at most 1000 items.")
        .with(may_answer(&kind::TODO_NOT_FOUND))
        .with(may_answer(&kind::CHECKLIST_FULL))
}
