//! Formats events as server-sent events.

use axum::body::Bytes;
use serde::Serialize;
use todo_core::{Event, LogPosition};

use super::event_id::EventId;
use crate::http::extract::BaseUrl;
use crate::http::items::ItemView;
use crate::http::todos::TodoView;
use crate::http::value::{ItemId, TodoId};

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

/// The bytes of one event. All clients get the same bytes, so URLs in it are relative.
pub(super) fn frame(position: LogPosition, event: Event) -> Bytes {
    let base = BaseUrl::relative();
    match event {
        Event::TodoCreated(todo) => block(position, "todo.created", &TodoView::new(todo, &base)),
        Event::TodoChanged(todo) => block(position, "todo.changed", &TodoView::new(todo, &base)),
        Event::TodoDeleted(id) => block(position, "todo.deleted", &DeletedTodo { id: TodoId(id) }),
        Event::ItemCreated(item) => block(position, "item.created", &ItemView::new(item, &base)),
        Event::ItemChanged(item) => block(position, "item.changed", &ItemView::new(item, &base)),
        Event::ItemDeleted(id, todo_id) => {
            let (id, todo_id) = (ItemId(id), TodoId(todo_id));
            block(position, "item.deleted", &DeletedItem { id, todo_id })
        }
        Event::Reset => reset(position),
    }
}

/// The event that tells a client to read everything again.
pub(super) fn reset(position: LogPosition) -> Bytes {
    block(position, "reset", &Nothing {})
}

/// One server-sent event. Its data is a single line, because `serde_json` writes no line breaks
/// between tokens and escapes those in strings.
fn block(position: LogPosition, name: &str, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    let id = EventId(position);
    format!("event: {name}\nid: {id}\ndata: {data}\n\n").into()
}
