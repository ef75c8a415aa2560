use rusqlite::{Connection, params};
use todo_core::{Changes, ItemId, TodoId};
use uuid::Uuid;

use super::ChangeKind;

/// The number of changes between two trims of the log.
const TRIMMED_EVERY: i64 = 256;

pub(crate) fn append_todo(db: &Connection, kind: ChangeKind, id: TodoId) -> rusqlite::Result<()> {
    append(db, kind, Some(id.0), None)
}

pub(crate) fn append_item(
    db: &Connection,
    kind: ChangeKind,
    id: ItemId,
    todo_id: TodoId,
) -> rusqlite::Result<()> {
    append(db, kind, Some(todo_id.0), Some(id.0))
}

/// Logs the deletion of all todos, or only of completed ones, or only of open ones. It reads their
/// ids, so it must be called before they are deleted.
pub(crate) fn append_clearing(db: &Connection, completed: Option<bool>) -> rusqlite::Result<()> {
    let (one_too_many, insert) = match completed {
        None => (
            "SELECT 1 FROM todos LIMIT 1 OFFSET ?1",
            "INSERT INTO changes (kind, todo_id) SELECT ?1, id FROM todos",
        ),
        Some(false) => (
            "SELECT 1 FROM todos WHERE completed_at IS NULL LIMIT 1 OFFSET ?1",
            "INSERT INTO changes (kind, todo_id)
             SELECT ?1, id FROM todos WHERE completed_at IS NULL",
        ),
        Some(true) => (
            "SELECT 1 FROM todos WHERE completed_at IS NOT NULL LIMIT 1 OFFSET ?1",
            "INSERT INTO changes (kind, todo_id)
             SELECT ?1, id FROM todos WHERE completed_at IS NOT NULL",
        ),
    };
    // Why not `count(*)`: it would read all todos before the deletion reads them again.
    let mut exceeds = db.prepare_cached(one_too_many)?;
    if exceeds.exists([Changes::DELETED_MAX])? {
        return append(db, ChangeKind::Reset, None, None);
    }
    let mut insert = db.prepare_cached(insert)?;
    match insert.execute([ChangeKind::TodoDeleted])? {
        0 => Ok(()),
        _ => trim(db),
    }
}

fn append(
    db: &Connection,
    kind: ChangeKind,
    todo_id: Option<Uuid>,
    item_id: Option<Uuid>,
) -> rusqlite::Result<()> {
    let mut statement =
        db.prepare_cached("INSERT INTO changes (kind, todo_id, item_id) VALUES (?1, ?2, ?3)")?;
    statement.execute(params![
        kind,
        todo_id.as_ref().map(Uuid::as_bytes),
        item_id.as_ref().map(Uuid::as_bytes)
    ])?;
    if db.last_insert_rowid() % TRIMMED_EVERY == 0 {
        trim(db)?;
    }
    Ok(())
}

fn trim(db: &Connection) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached(
        "DELETE FROM changes WHERE number <= (SELECT max(number) FROM changes) - ?1",
    )?;
    statement.execute([Changes::KEPT])?;
    Ok(())
}
