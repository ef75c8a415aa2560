use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::changes::{self, Kind};
use super::{require, row, todos};
use crate::domain::{
    Item, ItemDraft, ItemId, ItemPatch, Order, Page, Position, Precondition, Slice, Title, TodoId,
};
use crate::store::{Replaced, StoreError};

pub(super) fn create(
    db: &Connection,
    id: ItemId,
    todo_id: TodoId,
    draft: ItemDraft,
    now: Timestamp,
) -> Result<Item, StoreError> {
    let last = room(db, todo_id)?;
    let item = Item::create(id, todo_id, draft, last, now);
    if !insert(db, &item)? {
        return Err(StoreError::ItemExists(id));
    }
    changes::record_item(db, Kind::ItemCreated, id, todo_id)?;
    Ok(item)
}

pub(super) fn list_of(
    db: &Connection,
    todo_id: TodoId,
    slice: Slice,
) -> Result<Page<Item>, StoreError> {
    todos::read(db, todo_id)?;
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

pub(super) fn list(db: &Connection, slice: Slice) -> Result<Page<Item>, StoreError> {
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

pub(super) fn read(db: &Connection, id: ItemId) -> Result<Item, StoreError> {
    find(db, id)?.ok_or(StoreError::ItemNotFound(id))
}

pub(super) fn find(db: &Connection, id: ItemId) -> Result<Option<Item>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, todo_id, title, completed_at, position, created_at, updated_at
         FROM items WHERE id = ?1",
    )?;
    Ok(statement.query_row([id.0.as_bytes()], item).optional()?)
}

pub(super) fn change(
    db: &Connection,
    id: ItemId,
    patch: ItemPatch,
    precondition: Precondition,
    now: Timestamp,
) -> Result<Item, StoreError> {
    let item = read(db, id)?.patched(patch, now);
    require(precondition, true, StoreError::ItemExists(id))?;
    update(db, &item)?;
    changes::record_item(db, Kind::ItemChanged, id, item.todo_id)?;
    Ok(item)
}

pub(super) fn replace(
    db: &Connection,
    id: ItemId,
    todo_id: TodoId,
    mut draft: ItemDraft,
    precondition: Precondition,
    now: Timestamp,
) -> Result<Replaced<Item>, StoreError> {
    let before = find(db, id)?;
    require(precondition, before.is_some(), StoreError::ItemExists(id))?;
    let Some(before) = before else {
        return create(db, id, todo_id, draft, now).map(Replaced::Created);
    };
    if before.todo_id != todo_id {
        let last = room(db, todo_id)?;
        draft.order = draft.order.or_else(|| last.map(Order::next));
    }
    let item = before.replaced(todo_id, draft, now);
    update(db, &item)?;
    changes::record_item(db, Kind::ItemChanged, id, todo_id)?;
    Ok(Replaced::Updated(item))
}

pub(super) fn delete(
    db: &Connection,
    id: ItemId,
    precondition: Precondition,
) -> Result<(), StoreError> {
    let todo_id = read(db, id)?.todo_id;
    require(precondition, true, StoreError::ItemExists(id))?;
    let mut statement = db.prepare_cached("DELETE FROM items WHERE id = ?1")?;
    statement.execute([id.0.as_bytes()])?;
    changes::record_item(db, Kind::ItemDeleted, id, todo_id)
}

fn page(
    db: &Connection,
    sql: &str,
    params: impl Params,
    limit: u32,
) -> Result<Page<Item>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let items = statement
        .query_map(params, item)?
        .collect::<Result<_, _>>()?;
    Ok(Page::new(items, limit, |item: &Item| Position {
        order: item.order,
        id: item.id.0,
    }))
}

/// Whether one more item may stand on the checklist; if so, the order of the last one.
fn room(db: &Connection, todo_id: TodoId) -> Result<Option<Order>, StoreError> {
    todos::read(db, todo_id)?;
    let mut statement =
        db.prepare_cached("SELECT count(*), max(position) FROM items WHERE todo_id = ?1")?;
    let (count, last): (u32, _) = statement.query_row([todo_id.0.as_bytes()], |row| {
        let last = match row.get_ref(1)? {
            rusqlite::types::ValueRef::Null => None,
            _ => Some(row::order(row, 1)?),
        };
        Ok((row.get(0)?, last))
    })?;
    if count >= Item::PER_TODO_MAX {
        return Err(StoreError::ChecklistFull(todo_id));
    }
    Ok(last)
}

/// `false` if its id is taken.
fn insert(db: &Connection, item: &Item) -> Result<bool, StoreError> {
    let mut statement = db.prepare_cached(
        "INSERT INTO items (id, todo_id, title, completed_at, position, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO NOTHING",
    )?;
    let inserted = statement.execute(params![
        item.id.0.as_bytes(),
        item.todo_id.0.as_bytes(),
        item.title.as_str(),
        item.completed_at.map(Timestamp::as_millisecond),
        item.order.get(),
        item.created_at.as_millisecond(),
        item.updated_at.as_millisecond(),
    ])?;
    Ok(inserted > 0)
}

fn update(db: &Connection, item: &Item) -> Result<(), StoreError> {
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

fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        id: ItemId(row::uuid(row, 0)?),
        todo_id: TodoId(row::uuid(row, 1)?),
        title: Title::restored(row.get(2)?),
        completed_at: row::time_option(row, 3)?,
        order: row::order(row, 4)?,
        created_at: row::time(row, 5)?,
        updated_at: row::time(row, 6)?,
    })
}
