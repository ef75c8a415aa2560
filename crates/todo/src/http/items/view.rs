use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{Item, ItemId, Order, TodoId};
use crate::http::extract::BaseUrl;
use crate::http::time::Time;

/// A checklist item, as clients see it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Item")]
pub(crate) struct ItemView {
    /// Its id, a UUID (RFC 9562).
    pub id: ItemId,
    /// The todo whose checklist it stands on.
    pub todo_id: TodoId,
    /// What is to be done.
    pub title: String,
    /// Whether it is done.
    pub completed: bool,
    /// When it was done; null while it is not.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub completed_at: Option<Time>,
    /// Where it stands on the checklist.
    pub order: Order,
    /// When it was created.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub created_at: Time,
    /// When it was last changed.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub updated_at: Time,
    /// Where it is.
    #[schemars(extend("format" = "uri"))]
    pub url: String,
}

impl ItemView {
    pub(crate) fn new(item: Item, base: &BaseUrl) -> Self {
        Self {
            url: base.join(format_args!("/items/{}", item.id)),
            id: item.id,
            todo_id: item.todo_id,
            completed: item.completed(),
            title: item.title.into(),
            completed_at: item.completed_at.map(Time),
            order: item.order,
            created_at: Time(item.created_at),
            updated_at: Time(item.updated_at),
        }
    }
}
