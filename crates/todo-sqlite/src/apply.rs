//! Loads rows for a decision, and applies its effect to the rows. The rules themselves are in
//! `todo_core::decide`.

use rusqlite::Connection;
use todo_core::{Effect, Loaded, Loads};

use crate::change_log::{ChangeKind, append_clearing, append_item, append_todo};
use crate::{items, todos};

/// Loads what a command needs, in the command's transaction.
pub(crate) fn load(db: &Connection, loads: Loads) -> rusqlite::Result<Loaded> {
    let mut loaded = Loaded::default();
    if let Some(id) = loads.todo {
        loaded.todo = todos::find(db, id)?;
    }
    if let Some(id) = loads.item {
        loaded.item = items::find(db, id)?;
    }
    if loads.last_order {
        loaded.last_order = todos::last_order(db)?;
    }
    if let Some(id) = loads.checklist {
        loaded.checklist = items::checklist(db, id)?;
    }
    Ok(loaded)
}

/// Writes the rows of an effect, and its entries in the change log.
pub(crate) fn apply(db: &Connection, effect: &Effect) -> rusqlite::Result<()> {
    match effect {
        Effect::TodoCreated(todo) => {
            todos::insert(db, todo)?;
            append_todo(db, ChangeKind::TodoCreated, todo.id)
        }
        Effect::TodoChanged(todo) => {
            todos::update(db, todo)?;
            append_todo(db, ChangeKind::TodoChanged, todo.id)
        }
        Effect::TodoDeleted(id) => {
            todos::delete(db, *id)?;
            append_todo(db, ChangeKind::TodoDeleted, *id)
        }
        Effect::TodosCleared { completed } => {
            append_clearing(db, *completed)?;
            todos::clear(db, *completed)
        }
        Effect::ItemCreated(item) => {
            items::insert(db, item)?;
            append_item(db, ChangeKind::ItemCreated, item.id, item.todo_id)
        }
        Effect::ItemChanged(item) => {
            items::update(db, item)?;
            append_item(db, ChangeKind::ItemChanged, item.id, item.todo_id)
        }
        Effect::ItemDeleted(id, todo_id) => {
            items::delete(db, *id)?;
            append_item(db, ChangeKind::ItemDeleted, *id, *todo_id)
        }
    }
}
