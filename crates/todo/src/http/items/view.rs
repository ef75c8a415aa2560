use schemars::JsonSchema;
use serde::Serialize;
use todo_core::Item;

use crate::http::extract::BaseUrl;
use crate::http::time::Time;
use crate::http::value::{ItemId, Order, TodoId};

/// A checklist item, as clients see it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Item")]
pub(crate) struct ItemView {
    /// Its id, a UUID (RFC 9562).
    pub id: ItemId,
    /// The todo whose checklist it belongs to.
    pub todo_id: TodoId,
    /// What is to be done.
    #[schemars(example = "Take the bottles back")]
    pub title: String,
    /// Whether it is done.
    #[schemars(example = true)]
    pub completed: bool,
    /// When it was done; null while it is not.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    #[schemars(example = "2026-01-02T17:45:00.000Z")]
    pub completed_at: Option<Time>,
    /// Its place on the checklist.
    pub order: Order,
    /// When it was created.
    #[schemars(with = "String", extend("format" = "date-time"))]
    #[schemars(example = "2026-01-02T09:30:00.000Z")]
    pub created_at: Time,
    /// When it was last changed.
    #[schemars(with = "String", extend("format" = "date-time"))]
    #[schemars(example = "2026-01-02T17:45:00.000Z")]
    pub updated_at: Time,
    /// Where it is.
    #[schemars(extend("format" = "uri"))]
    #[schemars(example = "http://127.0.0.1:8000/items/019b76da-a800-7000-8000-000000000002")]
    pub url: String,
}

impl ItemView {
    pub(crate) fn new(item: Item, base: &BaseUrl) -> Self {
        Self {
            url: base.join(format_args!("/items/{}", item.id)),
            id: ItemId(item.id),
            todo_id: TodoId(item.todo_id),
            completed: item.completed(),
            title: item.title.into(),
            completed_at: item.completed_at.map(Time),
            order: Order(item.order),
            created_at: Time(item.created_at),
            updated_at: Time(item.updated_at),
        }
    }
}
