//! The table of checklist items.

use jiff::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Params, Result, Row, params};
use todo_core::{Checklist, Item, ItemId, Page, Position, Slice, Title, TodoId};

use crate::{row, todos};

pub(crate) fn list_of(db: &Connection, todo_id: TodoId, slice: Slice) -> Result<Page<Item>> {
    let (order, id) = match slice.after {
        Some(Position { order, id }) => (order.get(), id.into_bytes().to_vec()),
        None => (f64::NEG_INFINITY, Vec::new()),
    };
    page(
        db,
        "SELECT id, todo_id, title, completed_at, position, created_at, updated_at
         FROM items
         WHERE todo_id = ?1 AND (position, id) > (?2, ?3)
         ORDER BY position, id
         LIMIT ?4",
        params![todo_id.0.as_bytes(), order, id, slice.limit + 1],
        slice.limit,
    )
}

pub(crate) fn list(db: &Connection, slice: Slice) -> Result<Page<Item>> {
    let after = slice
        .after
        .map(|position| position.id.into_bytes().to_vec())
        .unwrap_or_default();
    page(
        db,
        "SELECT id, todo_id, title, completed_at, position, created_at, updated_at
         FROM items
         WHERE id > ?1
         ORDER BY id
         LIMIT ?2",
        params![after, slice.limit + 1],
        slice.limit,
    )
}

pub(crate) fn find(db: &Connection, id: ItemId) -> Result<Option<Item>> {
    let mut statement = db.prepare_cached(
        "SELECT id, todo_id, title, completed_at, position, created_at, updated_at
         FROM items WHERE id = ?1",
    )?;
    let found = statement.query_row([id.0.as_bytes()], |row| item(row, 0));
    found.optional()
}

fn page(db: &Connection, sql: &str, params: impl Params, limit: u32) -> Result<Page<Item>> {
    let mut statement = db.prepare_cached(sql)?;
    let items = statement
        .query_map(params, |row| item(row, 0))?
        .collect::<Result<_, _>>()?;
    Ok(Page::new(items, limit, |item: &Item| Position {
        order: item.order,
        id: item.id.0,
    }))
}

/// The checklist of a todo; `None` if there is no such todo.
pub(crate) fn checklist(db: &Connection, todo_id: TodoId) -> Result<Option<Checklist>> {
    if !todos::exists(db, todo_id)? {
        return Ok(None);
    }
    let mut statement =
        db.prepare_cached("SELECT count(*), max(position) FROM items WHERE todo_id = ?1")?;
    let checklist = statement.query_row([todo_id.0.as_bytes()], |row| {
        let last_order = match row.get_ref(1)? {
            ValueRef::Null => None,
            _ => Some(row::order(row, 1)?),
        };
        Ok(Checklist {
            count: row.get(0)?,
            last_order,
        })
    })?;
    Ok(Some(checklist))
}

pub(crate) fn insert(db: &Connection, item: &Item) -> Result<()> {
    let mut statement = db.prepare_cached(
        "INSERT INTO items (id, todo_id, title, completed_at, position, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    statement.execute(params![
        item.id.0.as_bytes(),
        item.todo_id.0.as_bytes(),
        item.title.as_str(),
        item.completed_at.map(Timestamp::as_millisecond),
        item.order.get(),
        item.created_at.as_millisecond(),
        item.updated_at.as_millisecond(),
    ])?;
    Ok(())
}

pub(crate) fn update(db: &Connection, item: &Item) -> Result<()> {
    let mut statement = db.prepare_cached(
        "UPDATE items
         SET todo_id = ?2, title = ?3, completed_at = ?4, position = ?5, updated_at = ?6
         WHERE id = ?1",
    )?;
    statement.execute(params![
        item.id.0.as_bytes(),
        item.todo_id.0.as_bytes(),
        item.title.as_str(),
        item.completed_at.map(Timestamp::as_millisecond),
        item.order.get(),
        item.updated_at.as_millisecond(),
    ])?;
    Ok(())
}

pub(crate) fn delete(db: &Connection, id: ItemId) -> Result<()> {
    let mut statement = db.prepare_cached("DELETE FROM items WHERE id = ?1")?;
    statement.execute([id.0.as_bytes()])?;
    Ok(())
}

/// The item whose columns begin at `first`.
pub(crate) fn item(row: &Row<'_>, first: usize) -> Result<Item> {
    Ok(Item {
        id: ItemId(row::uuid(row, first)?),
        todo_id: TodoId(row::uuid(row, first + 1)?),
        title: Title::restored(row.get(first + 2)?),
        completed_at: row::time_option(row, first + 3)?,
        order: row::order(row, first + 4)?,
        created_at: row::time(row, first + 5)?,
        updated_at: row::time(row, first + 6)?,
    })
}
