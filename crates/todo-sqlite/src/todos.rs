//! The table of todos.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, Row, Rows, params};
use todo_core::{Notes, Order, Page, Position, Slice, Title, Todo, TodoId};

use crate::row;

pub(crate) fn list(db: &Connection, completed: Option<bool>, slice: Slice) -> Result<Page<Todo>> {
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

/// A page from up to `limit + 1` rows. Of the rows after [`Slice::BYTES_MAX`] bytes, only the ids
/// are kept.
fn page(mut rows: Rows<'_>, limit: u32) -> Result<Page<Todo>> {
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
            let todo = todo(row, 0)?;
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

/// The todos with these ids, in the order of the ids. Ids that do not exist are left out.
pub(crate) fn read_some(db: &Connection, ids: &[TodoId]) -> Result<Vec<Todo>> {
    let todos = ids.iter().filter_map(|id| find(db, *id).transpose());
    todos.collect()
}

pub(crate) fn find(db: &Connection, id: TodoId) -> Result<Option<Todo>> {
    let mut statement = db.prepare_cached(
        "SELECT id, title, notes, completed_at, position, created_at, updated_at
         FROM todos WHERE id = ?1",
    )?;
    let found = statement.query_row([id.0.as_bytes()], |row| todo(row, 0));
    found.optional()
}

pub(crate) fn exists(db: &Connection, id: TodoId) -> Result<bool> {
    let mut statement = db.prepare_cached("SELECT 1 FROM todos WHERE id = ?1")?;
    statement.exists([id.0.as_bytes()])
}

/// The order of the last todo.
pub(crate) fn last_order(db: &Connection) -> Result<Option<Order>> {
    let mut statement =
        db.prepare_cached("SELECT position FROM todos ORDER BY position DESC LIMIT 1")?;
    let last = statement.query_row([], |row| row::order(row, 0));
    last.optional()
}

pub(crate) fn insert(db: &Connection, todo: &Todo) -> Result<()> {
    let mut statement = db.prepare_cached(
        "INSERT INTO todos (id, title, notes, completed_at, position, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    statement.execute(params![
        todo.id.0.as_bytes(),
        todo.title.as_str(),
        todo.notes.as_ref().map(Notes::as_str),
        todo.completed_at.map(Timestamp::as_millisecond),
        todo.order.get(),
        todo.created_at.as_millisecond(),
        todo.updated_at.as_millisecond(),
    ])?;
    Ok(())
}

pub(crate) fn update(db: &Connection, todo: &Todo) -> Result<()> {
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

/// Deletes a todo. The foreign key of the items deletes its checklist.
pub(crate) fn delete(db: &Connection, id: TodoId) -> Result<()> {
    let mut statement = db.prepare_cached("DELETE FROM todos WHERE id = ?1")?;
    statement.execute([id.0.as_bytes()])?;
    Ok(())
}

pub(crate) fn clear(db: &Connection, completed: Option<bool>) -> Result<()> {
    let mut statement = db.prepare_cached(match completed {
        None => "DELETE FROM todos",
        Some(false) => "DELETE FROM todos WHERE completed_at IS NULL",
        Some(true) => "DELETE FROM todos WHERE completed_at IS NOT NULL",
    })?;
    statement.execute([])?;
    Ok(())
}

/// The todo whose columns begin at `first`.
pub(crate) fn todo(row: &Row<'_>, first: usize) -> Result<Todo> {
    Ok(Todo {
        id: TodoId(row::uuid(row, first)?),
        title: Title::restored(row.get(first + 1)?),
        notes: row.get::<_, Option<_>>(first + 2)?.map(Notes::restored),
        completed_at: row::time_option(row, first + 3)?,
        order: row::order(row, first + 4)?,
        created_at: row::time(row, first + 5)?,
        updated_at: row::time(row, first + 6)?,
    })
}
