use schemars::JsonSchema;
use serde::Serialize;
use todo_core::Todo;

use crate::http::extract::BaseUrl;
use crate::http::time::Time;
use crate::http::value::{Order, TodoId};

/// A todo, as clients see it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Todo")]
pub(crate) struct TodoView {
    /// Its id, a UUID (RFC 9562).
    pub id: TodoId,
    /// What is to be done.
    #[schemars(example = "Buy milk")]
    pub title: String,
    /// More about it.
    #[schemars(example = "Two bottles, and the bread")]
    pub notes: Option<String>,
    /// Whether it is done.
    #[schemars(example = true)]
    pub completed: bool,
    /// When it was done; null while it is not.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    #[schemars(example = "2026-01-02T17:45:00.000Z")]
    pub completed_at: Option<Time>,
    /// Its place in the list.
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
    #[schemars(example = crate::http::doc::EXAMPLE_URL)]
    pub url: String,
}

impl TodoView {
    pub(crate) fn new(todo: Todo, base: &BaseUrl) -> Self {
        Self {
            url: base.join(format_args!("/todos/{}", todo.id)),
            id: TodoId(todo.id),
            completed: todo.completed(),
            title: todo.title.into(),
            notes: todo.notes.map(Into::into),
            completed_at: todo.completed_at.map(Time),
            order: Order(todo.order),
            created_at: Time(todo.created_at),
            updated_at: Time(todo.updated_at),
        }
    }
}
