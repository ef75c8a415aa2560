use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Rows, params};

use super::changes::{self, Kind};
use super::{require, row};
use crate::domain::{
    Draft, Notes, Order, Page, Patch, Position, Precondition, Slice, Title, Todo, TodoId,
};
use crate::store::{Replaced, StoreError};

pub(super) fn create(
    db: &Connection,
    id: TodoId,
    draft: Draft,
    now: Timestamp,
) -> Result<Todo, StoreError> {
    let todo = Todo::create(id, draft, last(db)?, now);
    if !insert(db, &todo)? {
        return Err(StoreError::TodoExists(id));
    }
    changes::record_todo(db, Kind::TodoCreated, id)?;
    Ok(todo)
}

pub(super) fn list(
    db: &Connection,
    completed: Option<bool>,
    slice: Slice,
) -> Result<Page<Todo>, StoreError> {
    let (order, id) = match slice.after {
        Some(Position { order, id }) => (order.get(), id.into_bytes().to_vec()),
        None => (f64::NEG_INFINITY, Vec::new()),
    };
    // One statement for each state: SQLite uses a partial index only if the statement contains its
    // condition.
    let sql = match completed {
        None => {
            "SELECT id, title, notes, completed_at, position, created_at, updated_at
             FROM todos
             WHERE (position, id) > (?1, ?2)
             ORDER BY position, id
             LIMIT ?3"
        }
        Some(false) => {
            "SELECT id, title, notes, completed_at, position, created_at, updated_at
             FROM todos
             WHERE (position, id) > (?1, ?2) AND completed_at IS NULL
             ORDER BY position, id
             LIMIT ?3"
        }
        Some(true) => {
            "SELECT id, title, notes, completed_at, position, created_at, updated_at
             FROM todos
             WHERE (position, id) > (?1, ?2) AND completed_at IS NOT NULL
             ORDER BY position, id
             LIMIT ?3"
        }
    };
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query(params![order, id, slice.limit + 1])?;
    page(rows, slice.limit)
}

/// A page from up to `limit + 1` rows. After [`Slice::BYTES_MAX`], only ids are kept.
fn page(mut rows: Rows<'_>, limit: u32) -> Result<Page<Todo>, StoreError> {
    let (mut entries, mut rest) = (Vec::new(), Vec::new());
    let (mut bytes, mut last, mut next) = (0, None, None);
    while let Some(row) = rows.next()? {
        if entries.len() + rest.len() == limit as usize {
            next = last;
            break;
        }
        let id = row::uuid(row, 0)?;
        last = Some(Position {
            order: row::order(row, 4)?,
            id,
        });
        if bytes < Slice::BYTES_MAX {
            let todo = todo(row)?;
            let notes = todo.notes.as_ref().map_or(0, |notes| notes.as_str().len());
            bytes += todo.title.as_str().len() + notes;
            entries.push(todo);
        } else {
            rest.push(id);
        }
    }
    Ok(Page {
        entries,
        rest,
        next,
    })
}

/// The existing ones of these, in this order.
pub(super) fn read_some(db: &Connection, ids: &[TodoId]) -> Result<Vec<Todo>, StoreError> {
    let todos = ids.iter().filter_map(|id| find(db, *id).transpose());
    todos.collect()
}

pub(super) fn read(db: &Connection, id: TodoId) -> Result<Todo, StoreError> {
    find(db, id)?.ok_or(StoreError::TodoNotFound(id))
}

pub(super) fn change(
    db: &Connection,
    id: TodoId,
    patch: Patch,
    precondition: Precondition,
    now: Timestamp,
) -> Result<Todo, StoreError> {
    let todo = read(db, id)?.patched(patch, now);
    require(precondition, true, StoreError::TodoExists(id))?;
    update(db, &todo)?;
    changes::record_todo(db, Kind::TodoChanged, id)?;
    Ok(todo)
}

pub(super) fn replace(
    db: &Connection,
    id: TodoId,
    draft: Draft,
    precondition: Precondition,
    now: Timestamp,
) -> Result<Replaced<Todo>, StoreError> {
    let before = find(db, id)?;
    require(precondition, before.is_some(), StoreError::TodoExists(id))?;
    match before {
        None => create(db, id, draft, now).map(Replaced::Created),
        Some(todo) => {
            let todo = todo.replaced(draft, now);
            update(db, &todo)?;
            changes::record_todo(db, Kind::TodoChanged, id)?;
            Ok(Replaced::Updated(todo))
        }
    }
}

pub(super) fn delete(
    db: &Connection,
    id: TodoId,
    precondition: Precondition,
) -> Result<(), StoreError> {
    // Before the precondition, because a missing target is 404 whatever the condition (RFC 9110,
    // section 13.2.1).
    read(db, id)?;
    require(precondition, true, StoreError::TodoExists(id))?;
    let mut statement = db.prepare_cached("DELETE FROM todos WHERE id = ?1")?;
    statement.execute([id.0.as_bytes()])?;
    changes::record_todo(db, Kind::TodoDeleted, id)
}

pub(super) fn delete_all(db: &Connection, completed: Option<bool>) -> Result<usize, StoreError> {
    changes::record_deletions(db, completed)?;
    let mut statement = db.prepare_cached(match completed {
        None => "DELETE FROM todos",
        Some(false) => "DELETE FROM todos WHERE completed_at IS NULL",
        Some(true) => "DELETE FROM todos WHERE completed_at IS NOT NULL",
    })?;
    Ok(statement.execute([])?)
}

pub(super) fn find(db: &Connection, id: TodoId) -> Result<Option<Todo>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, title, notes, completed_at, position, created_at, updated_at
         FROM todos WHERE id = ?1",
    )?;
    Ok(statement.query_row([id.0.as_bytes()], todo).optional()?)
}

fn last(db: &Connection) -> Result<Option<Order>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT position FROM todos ORDER BY position DESC LIMIT 1")?;
    let last = statement.query_row([], |row| row::order(row, 0));
    Ok(last.optional()?)
}

/// `false` if its id is taken.
fn insert(db: &Connection, todo: &Todo) -> Result<bool, StoreError> {
    let mut statement = db.prepare_cached(
        "INSERT INTO todos (id, title, notes, completed_at, position, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO NOTHING",
    )?;
    let inserted = statement.execute(params![
        todo.id.0.as_bytes(),
        todo.title.as_str(),
        todo.notes.as_ref().map(Notes::as_str),
        todo.completed_at.map(Timestamp::as_millisecond),
        todo.order.get(),
        todo.created_at.as_millisecond(),
        todo.updated_at.as_millisecond(),
    ])?;
    Ok(inserted > 0)
}

fn update(db: &Connection, todo: &Todo) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(
        "UPDATE todos
         SET title = ?2, notes = ?3, completed_at = ?4, position = ?5, updated_at = ?6
         WHERE id = ?1",
    )?;
    statement.execute(params![
        todo.id.0.as_bytes(),
        todo.title.as_str(),
        todo.notes.as_ref().map(Notes::as_str),
        todo.completed_at.map(Timestamp::as_millisecond),
        todo.order.get(),
        todo.updated_at.as_millisecond(),
    ])?;
    Ok(())
}

fn todo(row: &Row<'_>) -> rusqlite::Result<Todo> {
    Ok(Todo {
        id: TodoId(row::uuid(row, 0)?),
        title: Title::restored(row.get(1)?),
        notes: row.get::<_, Option<_>>(2)?.map(Notes::restored),
        completed_at: row::time_option(row, 3)?,
        order: row::order(row, 4)?,
        created_at: row::time(row, 5)?,
        updated_at: row::time(row, 6)?,
    })
}
