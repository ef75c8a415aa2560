use aide::transform::TransformOperation;
use axum::body::Bytes;
use axum::extract::State;
use futures_util::stream::{self, Stream, StreamExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use todo_core::{StoreError, TodoId};
use uuid::Uuid;

use super::view::TodoView;
use crate::db::Db;
use crate::http::App;
use crate::http::extract::{BaseUrl, Query};
use crate::http::page::{Cursor, Limit, Paged, slice};
use crate::http::problem::Problem;

/// Which todos to list.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(in crate::http) struct ListTodos {
    /// The largest number of entries on a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<Limit>,
    /// The position where the page begins, from the `Link` of the previous page.
    #[serde(skip_serializing)]
    cursor: Option<Cursor>,
    /// Only todos that are done (`true`), or only todos that are not (`false`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = false)]
    completed: Option<bool>,
}

pub(super) async fn list(
    State(app): State<App>,
    base: BaseUrl,
    Query(query): Query<ListTodos>,
) -> Result<Paged<Vec<TodoView>>, Problem> {
    let slice = slice(query.limit, query.cursor);
    let page = app.db.list_todos(query.completed, slice).await?;
    let todos = page.entries.into_iter();
    let todos = todos.map(|todo| TodoView::new(todo, &base)).collect();
    let paged = Paged::new(todos, &base, "/todos", &query, page.next);
    if page.rest.is_empty() {
        return Ok(paged);
    }
    Ok(paged.with_rest(rest(app.db, page.rest, query.completed, base).boxed()))
}

/// How many todos one read returns. With the longest notes that is some 100 KB.
const READ_AT_ONCE: usize = 8;

/// The rest of a large page, read from the store as fast as the client reads the response. It
/// leaves out todos that were deleted meanwhile or no longer match the query.
fn rest(
    db: Db,
    ids: Vec<Uuid>,
    completed: Option<bool>,
    base: BaseUrl,
) -> impl Stream<Item = Result<Bytes, StoreError>> {
    stream::try_unfold(ids.into_iter(), move |mut ids| {
        let (db, base) = (db.clone(), base.clone());
        async move {
            let some: Vec<_> = ids.by_ref().take(READ_AT_ONCE).map(TodoId).collect();
            if some.is_empty() {
                return Ok(None);
            }
            let mut json = Vec::new();
            for todo in db.read_todos(some).await? {
                if completed.is_none_or(|completed| completed == todo.completed()) {
                    json.push(b',');
                    // Views are plain values, so serialising them cannot fail.
                    let _ = serde_json::to_writer(&mut json, &TodoView::new(todo, &base));
                }
            }
            Ok(Some((Bytes::from(json), ids)))
        }
    })
}

pub(super) fn doc(operation: TransformOperation) -> TransformOperation {
    operation
        .id("listTodos")
        .tag("todos")
        .summary("List todos")
        .description("In order, a page at a time; `Link` says where the next page is.")
}
