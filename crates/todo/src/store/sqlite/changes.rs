use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::{items, todos};
use crate::domain::{Change, Changes, Event, ItemId, LogPosition, TodoId};
use crate::store::StoreError;

/// What a row of the log records, and the number that stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    TodoCreated = 1,
    TodoChanged = 2,
    TodoDeleted = 3,
    ItemCreated = 4,
    ItemChanged = 5,
    ItemDeleted = 6,
    Reset = 7,
}

/// How often the log is shortened: once in so many changes.
const SHORTENED_EVERY: i64 = 256;

pub(super) fn record_todo(db: &Connection, kind: Kind, id: TodoId) -> Result<(), StoreError> {
    record(db, kind, Some(id.0), None)
}

pub(super) fn record_item(
    db: &Connection,
    kind: Kind,
    id: ItemId,
    todo_id: TodoId,
) -> Result<(), StoreError> {
    record(db, kind, Some(todo_id.0), Some(id.0))
}

/// All todos are about to be deleted, or those that are (not) completed.
pub(super) fn record_deletions(db: &Connection, completed: Option<bool>) -> Result<(), StoreError> {
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
    if db
        .prepare_cached(one_too_many)?
        .exists([Changes::DELETED_MAX])?
    {
        return record(db, Kind::Reset, None, None);
    }
    match db.prepare_cached(insert)?.execute([Kind::TodoDeleted])? {
        0 => Ok(()),
        _ => shorten(db),
    }
}

/// The changes after a position; without one, only the end of the log.
///
/// Reading begins at the change that `after` names, not behind it. If that change has another tag,
/// the position is from another log.
pub(super) fn list(db: &Connection, after: Option<LogPosition>) -> Result<Changes, StoreError> {
    let Some(after) = after else {
        return forgotten(db);
    };
    let mut statement = db.prepare_cached(
        "SELECT number, tag, kind, todo_id, item_id FROM changes
         WHERE number >= ?1 ORDER BY number LIMIT ?2",
    )?;
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
        let position = position(row)?;
        let event = event(db, row.get(2)?, (row.get(3)?, row.get(4)?))?;
        changes.push(Change { position, event });
    }
    let more = changes.len() == Changes::AT_ONCE as usize;
    Ok(Changes::Since { changes, more })
}

fn forgotten(db: &Connection) -> Result<Changes, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT number, tag FROM changes ORDER BY number DESC LIMIT 1")?;
    let last = statement.query_row([], position).optional()?;
    // The log is trimmed, but never emptied.
    let last = last.unwrap_or_default();
    Ok(Changes::Forgotten { last })
}

fn position(row: &Row<'_>) -> rusqlite::Result<LogPosition> {
    Ok(LogPosition {
        number: row.get(0)?,
        tag: row.get(1)?,
    })
}

/// Nothing of what is gone by now.
fn event(
    db: &Connection,
    kind: Kind,
    ids: (Option<[u8; 16]>, Option<[u8; 16]>),
) -> Result<Option<Event>, StoreError> {
    let todo_id = ids.0.map(|id| TodoId(Uuid::from_bytes(id)));
    let item_id = ids.1.map(|id| ItemId(Uuid::from_bytes(id)));
    let todo = |made: fn(_) -> Event| match todo_id {
        Some(id) => Ok(todos::find(db, id)?.map(made)),
        None => Ok(None),
    };
    let item = |made: fn(_) -> Event| match item_id {
        Some(id) => Ok(items::find(db, id)?.map(made)),
        None => Ok(None),
    };
    match kind {
        Kind::TodoCreated => todo(Event::TodoCreated),
        Kind::TodoChanged => todo(Event::TodoChanged),
        Kind::TodoDeleted => Ok(todo_id.map(Event::TodoDeleted)),
        Kind::ItemCreated => item(Event::ItemCreated),
        Kind::ItemChanged => item(Event::ItemChanged),
        Kind::ItemDeleted => {
            let ids = item_id.zip(todo_id);
            Ok(ids.map(|(id, todo_id)| Event::ItemDeleted(id, todo_id)))
        }
        Kind::Reset => Ok(Some(Event::Reset)),
    }
}

fn record(
    db: &Connection,
    kind: Kind,
    todo_id: Option<Uuid>,
    item_id: Option<Uuid>,
) -> Result<(), StoreError> {
    let mut statement =
        db.prepare_cached("INSERT INTO changes (kind, todo_id, item_id) VALUES (?1, ?2, ?3)")?;
    statement.execute(params![
        kind,
        todo_id.as_ref().map(Uuid::as_bytes),
        item_id.as_ref().map(Uuid::as_bytes)
    ])?;
    if db.last_insert_rowid() % SHORTENED_EVERY == 0 {
        shorten(db)?;
    }
    Ok(())
}

fn shorten(db: &Connection) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(
        "DELETE FROM changes WHERE number <= (SELECT max(number) FROM changes) - ?1",
    )?;
    statement.execute([Changes::KEPT])?;
    Ok(())
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::TodoCreated,
        Self::TodoChanged,
        Self::TodoDeleted,
        Self::ItemCreated,
        Self::ItemChanged,
        Self::ItemDeleted,
        Self::Reset,
    ];
}

impl ToSql for Kind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok((*self as i64).into())
    }
}

impl FromSql for Kind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        let kind = Self::ALL.into_iter().find(|kind| *kind as i64 == number);
        kind.ok_or(FromSqlError::OutOfRange(number))
    }
}
