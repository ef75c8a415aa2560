use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::Error;
use crate::connection::Fence;
use crate::error::Kind;

/// A step that brings a database from one form to the next.
///
/// Its name and text are recorded in the table `sabr_migrations` when it is applied; a migration that was
/// applied once must never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    name: &'static str,
    sql: &'static str,
}

impl Migration {
    /// A migration of this name, which does this: any number of SQL statements.
    #[must_use]
    pub const fn new(name: &'static str, sql: &'static str) -> Self {
        Self { name, sql }
    }
}

/// Applies those migrations that the database does not have yet, each in a transaction of its own.
pub(crate) fn apply(
    conn: &mut Connection,
    fence: &Fence,
    migrations: &[Migration],
) -> Result<(), Error> {
    if migrations.is_empty() {
        return Ok(());
    }
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS sabr_migrations (
             position   INTEGER NOT NULL PRIMARY KEY,
             name       TEXT    NOT NULL UNIQUE,
             sql        TEXT    NOT NULL,
             applied_at TEXT    NOT NULL DEFAULT CURRENT_TIMESTAMP
         ) STRICT",
    )?;
    let mut position = 0_i64;
    for migration in migrations {
        apply_one(conn, fence, position, migration)?;
        position += 1;
    }
    let unknown = conn
        .query_row(
            "SELECT name FROM sabr_migrations WHERE position >= ?1 ORDER BY position",
            [position],
            |row| row.get(0),
        )
        .optional()?;
    match unknown {
        Some(name) => Err(Kind::MigrationUnknown { name }.into()),
        None => Ok(()),
    }
}

/// Asks inside the transaction whether the migration is there already: another process may be at the
/// same.
fn apply_one(
    conn: &mut Connection,
    fence: &Fence,
    position: i64,
    migration: &Migration,
) -> Result<(), Error> {
    let name = migration.name.to_owned();
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let applied: Option<(String, String)> = tx
        .query_row(
            "SELECT name, sql FROM sabr_migrations WHERE position = ?1",
            [position],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    if let Some((name, sql)) = applied {
        // Version control may change line endings, which is no change of the text.
        let same = name == migration.name && sql.lines().eq(migration.sql.lines());
        return if same {
            Ok(())
        } else {
            Err(Kind::MigrationChanged { name }.into())
        };
    }
    // A COMMIT in the text would keep the first half of a migration whose second half fails.
    fence.set(true);
    let applied = tx.execute_batch(migration.sql);
    fence.set(false);
    applied
        .and_then(|()| {
            tx.execute(
                "INSERT INTO sabr_migrations (position, name, sql) VALUES (?1, ?2, ?3)",
                (position, migration.name, migration.sql),
            )
        })
        .and_then(|_| tx.commit())
        .map_err(|source| Kind::Migrate { name, source }.into())
}
