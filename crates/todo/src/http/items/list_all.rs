use aide::transform::TransformOperation;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

use super::list::ListItems;
use super::view::ItemView;
use crate::http::App;
use crate::http::extract::{BaseUrl, Query};
use crate::http::page::{Paged, slice};
use crate::http::problem::Problem;

/// The checklist items of all todos.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Items {
    /// The items, oldest first.
    items: Vec<ItemView>,
}

pub(super) async fn list_all(
    State(app): State<App>,
    base: BaseUrl,
    Query(query): Query<ListItems>,
) -> Result<Paged<Items>, Problem> {
    let slice = slice(query.limit, query.cursor);
    let page = app.db.list_items(slice).await?;
    let items = page.entries.into_iter();
    let items = items.map(|item| ItemView::new(item, &base)).collect();
    let body = Items { items };
    Ok(Paged::new(body, &base, "/items", &query, page.next))
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("listItems")
        .tag("items")
        .summary("List the checklist items of all todos")
        .description("Oldest first, a page at a time; `Link` says where the next page is.")
}
