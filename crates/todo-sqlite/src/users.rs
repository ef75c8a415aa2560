//! The table of users.

use rusqlite::{Connection, Result};
use todo_core::{Slice, User, UserId};

use crate::row;

pub(crate) fn list(db: &Connection) -> Result<Vec<User>> {
    let mut statement = db.prepare_cached("SELECT id, name FROM users ORDER BY name LIMIT ?1")?;
    let users = statement.query_map([Slice::LIMIT_MAX], |row| {
        Ok(User {
            id: UserId(row::uuid(row, 0)?),
            name: row.get(1)?,
        })
    })?;
    users.collect()
}
