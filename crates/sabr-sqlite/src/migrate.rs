//! Applies the migrations that a database lacks.

use rusqlite::{Connection, TransactionBehavior};

use crate::connection::Fence;
use crate::error::Kind;
use crate::identity::{self, Identity};
use crate::{Error, Migration, Options};

/// Brings the database up to date in one transaction: all of it or nothing. Returns whether the
/// database was empty before.
pub(crate) fn apply(
    conn: &mut Connection,
    fence: &Fence,
    options: &Options,
) -> Result<bool, Error> {
    // Usually nothing is missing, and then no lock is taken.
    if identity::examine(conn, options)? == Identity::UpToDate {
        return Ok(false);
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have migrated before this one got the lock.
    let identity = identity::examine(&tx, options)?;
    if identity == Identity::UpToDate {
        return Ok(false);
    }
    if let Some(id) = options.application_id {
        tx.pragma_update(None, "application_id", id.cast_signed())?;
    }
    if !options.migrations.is_empty() {
        tx.execute_batch(
            "CREATE TABLE IF NOT EXISTS sabr_migrations (
                 position   INTEGER NOT NULL PRIMARY KEY,
                 name       TEXT    NOT NULL UNIQUE,
                 sql        TEXT    NOT NULL,
                 applied_at TEXT    NOT NULL DEFAULT CURRENT_TIMESTAMP
             ) STRICT",
        )?;
    }
    let applied = options.migrations.applied(&tx)?.unwrap_or_default();
    for migration in options.migrations.compare(&applied)?.pending {
        apply_one(&tx, fence, migration)?;
    }
    tx.commit()?;
    Ok(identity == Identity::Empty)
}

fn apply_one(tx: &Connection, fence: &Fence, migration: &Migration) -> Result<(), Error> {
    // A COMMIT in the text would keep the first half of a migration whose second half fails.
    fence.set(true);
    let applied = migration.run(tx);
    fence.set(false);
    applied
        .and_then(|()| {
            tx.execute(
                "INSERT INTO sabr_migrations (position, name, sql)
                 SELECT ifnull(max(position) + 1, 0), ?1, ?2 FROM sabr_migrations",
                (migration.name(), migration.sql()),
            )
        })
        .map_err(|source| {
            let name = migration.name().to_owned();
            Kind::Migrate { name, source }.into()
        })
        .map(drop)
}
