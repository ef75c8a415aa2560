use aide::transform::TransformOperation;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::ItemView;
use crate::http::App;
use crate::http::extract::{BaseUrl, Path, Query};
use crate::http::page::{Cursor, Limit, Paged, slice};
use crate::http::problem::{Problem, kind, may_answer};
use crate::http::todos::TodoPath;

/// Which items to list.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct ListItems {
    /// The largest number of entries on a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limit: Option<Limit>,
    /// The position where the page begins, from the `Link` of the previous page.
    #[serde(skip_serializing)]
    pub(super) cursor: Option<Cursor>,
}

pub(super) async fn list(
    State(app): State<App>,
    base: BaseUrl,
    Path(TodoPath { id }): Path<TodoPath>,
    Query(query): Query<ListItems>,
) -> Result<Paged<Vec<ItemView>>, Problem> {
    let slice = slice(query.limit, query.cursor);
    let page = app.db.list_items_of(id.0, slice).await?;
    let items = page.entries.into_iter();
    let items = items.map(|item| ItemView::new(item, &base)).collect();
    let path = format!("/todos/{}/items", id.0);
    Ok(Paged::new(items, &base, &path, &query, page.next))
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("listItemsOfTodo")
        .tag("items")
        .summary("List a todo's checklist")
        .description("In order, a page at a time; `Link` says where the next page is.")
        .with(may_answer(&kind::TODO_NOT_FOUND))
}
