use rusqlite::Connection;

use super::row;
use crate::domain::{Slice, User, UserId};
use crate::store::StoreError;

pub(super) fn list(db: &Connection) -> Result<Vec<User>, StoreError> {
    let mut statement = db.prepare_cached("SELECT id, name FROM users ORDER BY name LIMIT ?1")?;
    let users = statement.query_map([Slice::LIMIT_MAX], |row| {
        Ok(User {
            id: UserId(row::uuid(row, 0)?),
            name: row.get(1)?,
        })
    })?;
    Ok(users.collect::<Result<_, _>>()?)
}
