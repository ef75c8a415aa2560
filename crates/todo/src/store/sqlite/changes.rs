use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::{items, todos};
use crate::domain::{Change, Changes, Event, ItemId, TodoId};
use crate::store::StoreError;

/// What a row of the log says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    TodoCreated,
    TodoChanged,
    TodoDeleted,
    ItemCreated,
    ItemChanged,
    ItemDeleted,
    Reset,
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
    let mut statement = db.prepare_cached(
        "SELECT count(*) FROM todos WHERE ?1 IS NULL OR (completed_at IS NOT NULL) = ?1",
    )?;
    let count: i64 = statement.query_row([completed], |row| row.get(0))?;
    if count > Changes::DELETED_MAX {
        return record(db, Kind::Reset, None, None);
    }
    let mut statement = db.prepare_cached(
        "INSERT INTO changes (kind, todo_id)
         SELECT ?2, id FROM todos WHERE ?1 IS NULL OR (completed_at IS NOT NULL) = ?1",
    )?;
    match statement.execute(params![completed, Kind::TodoDeleted])? {
        0 => Ok(()),
        _ => shorten(db),
    }
}

/// What happened after `after`; without one, only where the log ends.
pub(super) fn list(db: &Connection, after: Option<i64>) -> Result<Changes, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT (SELECT min(number) FROM changes), (SELECT max(number) FROM changes)",
    )?;
    let (first, last): (i64, i64) =
        statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some(after) = after.filter(|after| (first..=last).contains(after)) else {
        return Ok(Changes::Forgotten { last });
    };
    let mut statement = db.prepare_cached(
        "SELECT number, kind, todo_id, item_id FROM changes WHERE number > ?1 ORDER BY number LIMIT ?2",
    )?;
    let mut rows = statement.query(params![after, Changes::AT_ONCE])?;
    let (mut changes, mut last, mut read) = (Vec::new(), after, 0);
    while let Some(row) = rows.next()? {
        read += 1;
        last = row.get(0)?;
        let ids = (row.get(2)?, row.get(3)?);
        let event = event(db, row.get(1)?, ids)?;
        changes.extend(event.map(|event| Change {
            number: last,
            event,
        }));
    }
    let more = read == Changes::AT_ONCE;
    Ok(Changes::Since {
        changes,
        last,
        more,
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

    fn as_str(self) -> &'static str {
        match self {
            Self::TodoCreated => "todo created",
            Self::TodoChanged => "todo changed",
            Self::TodoDeleted => "todo deleted",
            Self::ItemCreated => "item created",
            Self::ItemChanged => "item changed",
            Self::ItemDeleted => "item deleted",
            Self::Reset => "reset",
        }
    }
}

impl ToSql for Kind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for Kind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        let kind = Self::ALL.into_iter().find(|kind| kind.as_str() == name);
        kind.ok_or(FromSqlError::InvalidType)
    }
}
