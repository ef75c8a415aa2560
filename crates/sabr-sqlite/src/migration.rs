use rusqlite::{Connection, OptionalExtension};

use crate::Error;
use crate::error::Kind;

/// A step that brings a database from one form to the next.
///
/// Its name and text are recorded in the table `sabr_migrations` when it is applied; a migration
/// that was applied once must never change.
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

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn sql(&self) -> &'static str {
        self.sql
    }

    pub(crate) fn run(&self, conn: &Connection) -> rusqlite::Result<()> {
        conn.execute_batch(self.sql)
    }
}

/// An applied migration: a row of `sabr_migrations`.
#[derive(Debug)]
pub(crate) struct Applied {
    position: i64,
    pub(crate) name: String,
    sql: String,
}

/// The applied migrations, and at most one more than this program knows. `None` if the database has
/// no table of migrations.
pub(crate) fn applied(
    conn: &Connection,
    migrations: &[Migration],
) -> rusqlite::Result<Option<Vec<Applied>>> {
    let table = conn
        .query_row(
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'sabr_migrations'",
            [],
            |_| Ok(()),
        )
        .optional()?;
    if table.is_none() {
        return Ok(None);
    }
    let mut statement =
        conn.prepare("SELECT position, name, sql FROM sabr_migrations ORDER BY position LIMIT ?1")?;
    let limit = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let rows = statement.query_map([limit.saturating_add(1)], |row| {
        Ok(Applied {
            position: row.get(0)?,
            name: row.get(1)?,
            sql: row.get(2)?,
        })
    })?;
    rows.collect::<Result<_, _>>().map(Some)
}

/// Whether these are the first migrations of this program, with unchanged text.
pub(crate) fn compare(applied: &[Applied], migrations: &[Migration]) -> Result<(), Error> {
    for (at, row) in applied.iter().enumerate() {
        let name = row.name.clone();
        let Some(migration) = migrations.get(at) else {
            return Err(Kind::MigrationUnknown { name }.into());
        };
        // Version control may convert line endings, which does not change the meaning.
        let same = usize::try_from(row.position) == Ok(at)
            && row.name == migration.name
            && row.sql.lines().eq(migration.sql.lines());
        if !same {
            return Err(Kind::MigrationChanged { name }.into());
        }
    }
    Ok(())
}
