use rusqlite::{Connection, OptionalExtension, Row, params};
use todo_core::{Change, Changes, Event, ItemId, LogPosition, TodoId};
use uuid::Uuid;

use super::ChangeKind;
use crate::{items, todos};

/// The columns of the log, followed by the columns of the todo or the item in its present state.
const ENTRIES: &str =
    "SELECT changes.number, changes.tag, changes.kind, changes.todo_id, changes.item_id,
        todos.id, todos.title, todos.notes, todos.completed_at, todos.position, todos.created_at,
        todos.updated_at,
        items.id, items.todo_id, items.title, items.completed_at, items.position,
        items.created_at, items.updated_at
     FROM changes
     LEFT JOIN todos ON changes.kind IN (1, 2) AND todos.id = changes.todo_id
     LEFT JOIN items ON changes.kind IN (4, 5) AND items.id = changes.item_id
     WHERE changes.number >= ?1
     ORDER BY changes.number
     LIMIT ?2";

/// The first column of the todo in [`ENTRIES`].
const TODO: usize = 5;
/// The first column of the item in [`ENTRIES`].
const ITEM: usize = 12;

/// The changes after a position. Without a position, only the end of the log.
///
/// The statement also reads the change at `after` itself. If that change is missing or has another
/// tag, the log does not contain the position.
pub(crate) fn list(db: &Connection, after: Option<LogPosition>) -> rusqlite::Result<Changes> {
    let Some(after) = after else {
        return forgotten(db);
    };
    let mut statement = db.prepare_cached(ENTRIES)?;
    let mut rows = statement.query(params![after.number, Changes::AT_ONCE + 1])?;
    let is_there = match rows.next()? {
        Some(row) => position(row)? == after,
        None => false,
    };
    if !is_there {
        return forgotten(db);
    }
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        changes.push(Change {
            position: position(row)?,
            event: event(row)?,
        });
    }
    let more = changes.len() == Changes::AT_ONCE as usize;
    Ok(Changes::Since { changes, more })
}

fn forgotten(db: &Connection) -> rusqlite::Result<Changes> {
    let mut statement =
        db.prepare_cached("SELECT number, tag FROM changes ORDER BY number DESC LIMIT 1")?;
    let last = statement.query_row([], position).optional()?;
    // The default is not needed: the log is trimmed, but never emptied.
    let last = last.unwrap_or_default();
    Ok(Changes::Forgotten { last })
}

fn position(row: &Row<'_>) -> rusqlite::Result<LogPosition> {
    Ok(LogPosition {
        number: row.get(0)?,
        tag: row.get(1)?,
    })
}

/// The event of an entry; `None` if its object no longer exists.
fn event(row: &Row<'_>) -> rusqlite::Result<Option<Event>> {
    let id = |column| -> rusqlite::Result<Option<Uuid>> {
        Ok(row.get::<_, Option<_>>(column)?.map(Uuid::from_bytes))
    };
    let (todo_id, item_id) = (id(3)?.map(TodoId), id(4)?.map(ItemId));
    let todo = |made: fn(_) -> Event| match id(TODO)? {
        Some(_) => Ok(Some(made(todos::todo(row, TODO)?))),
        None => Ok(None),
    };
    let item = |made: fn(_) -> Event| match id(ITEM)? {
        Some(_) => Ok(Some(made(items::item(row, ITEM)?))),
        None => Ok(None),
    };
    match row.get(2)? {
        ChangeKind::TodoCreated => todo(Event::TodoCreated),
        ChangeKind::TodoChanged => todo(Event::TodoChanged),
        ChangeKind::TodoDeleted => Ok(todo_id.map(Event::TodoDeleted)),
        ChangeKind::ItemCreated => item(Event::ItemCreated),
        ChangeKind::ItemChanged => item(Event::ItemChanged),
        ChangeKind::ItemDeleted => {
            let ids = item_id.zip(todo_id);
            Ok(ids.map(|(id, todo_id)| Event::ItemDeleted(id, todo_id)))
        }
        ChangeKind::Reset => Ok(Some(Event::Reset)),
    }
}
