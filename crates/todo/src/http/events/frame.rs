//! Events, as they are written on the wire.

use axum::body::Bytes;
use serde::Serialize;

use crate::domain::{Change, Event, ItemId, TodoId};
use crate::http::extract::BaseUrl;
use crate::http::items::ItemView;
use crate::http::todos::TodoView;

#[derive(Serialize)]
struct DeletedTodo {
    id: TodoId,
}

#[derive(Serialize)]
struct DeletedItem {
    id: ItemId,
    todo_id: TodoId,
}

#[derive(Serialize)]
struct Nothing {}

/// One event, for all clients alike.
pub(super) fn frame(change: Change) -> Bytes {
    let (number, base) = (change.number, BaseUrl::relative());
    match change.event {
        Event::TodoCreated(todo) => event(number, "todo.created", &TodoView::new(todo, &base)),
        Event::TodoChanged(todo) => event(number, "todo.changed", &TodoView::new(todo, &base)),
        Event::TodoDeleted(id) => event(number, "todo.deleted", &DeletedTodo { id }),
        Event::ItemCreated(item) => event(number, "item.created", &ItemView::new(item, &base)),
        Event::ItemChanged(item) => event(number, "item.changed", &ItemView::new(item, &base)),
        Event::ItemDeleted(id, todo_id) => {
            event(number, "item.deleted", &DeletedItem { id, todo_id })
        }
        Event::Reset => reset(number),
    }
}

/// Everything may be different.
pub(super) fn reset(number: i64) -> Bytes {
    event(number, "reset", &Nothing {})
}

/// JSON has no line breaks outside of its strings, and in them they are escaped: the data is one line.
fn event(number: i64, name: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("event: {name}\nid: {number}\ndata: {data}\n\n").into()
}
