//! Migrations: the steps that bring a database from one form to the next.

use std::borrow::Cow;
use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

use crate::Error;
use crate::error::Kind;

/// A step that brings a database from one form to the next.
///
/// Its name and text are recorded in the table `sabr_migrations` when it is applied; a migration
/// that was applied once must never change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    name: Cow<'static, str>,
    sql: Cow<'static, str>,
}

impl Migration {
    /// A migration of this name, which does this: any number of SQL statements.
    #[must_use]
    pub const fn new(name: &'static str, sql: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            sql: Cow::Borrowed(sql),
        }
    }

    /// The same with texts that are made at run time.
    #[must_use]
    pub const fn owned(name: String, sql: String) -> Self {
        Self {
            name: Cow::Owned(name),
            sql: Cow::Owned(sql),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }

    pub(crate) fn run(&self, conn: &Connection) -> rusqlite::Result<()> {
        conn.execute_batch(&self.sql)
    }

    fn has_text(&self, sql: &str) -> bool {
        // Version control may convert line endings, which does not change the meaning.
        self.sql.lines().eq(sql.lines())
    }
}

/// All migrations that a program brings: its own and those of its libraries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Migrations {
    /// Each set is applied in its order. The sets do not know of each other.
    sets: Vec<Vec<Migration>>,
}

/// An applied migration: a row of `sabr_migrations`.
#[derive(Debug)]
pub(crate) struct Applied {
    pub(crate) name: String,
    sql: String,
}

impl Migrations {
    pub(crate) fn add(&mut self, set: Vec<Migration>) {
        self.sets.push(set);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sets.iter().all(Vec::is_empty)
    }

    /// Whether a set begins with the migration of this name.
    pub(crate) fn begin_with(&self, name: &str) -> bool {
        let mut first = self.sets.iter().filter_map(|set| set.first());
        first.any(|migration| migration.name == name)
    }

    /// The rows of `sabr_migrations` in the order in which they were applied, and at most one more
    /// than this program knows. `None` if the database has no such table.
    pub(crate) fn applied(&self, conn: &Connection) -> rusqlite::Result<Option<Vec<Applied>>> {
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
            conn.prepare("SELECT name, sql FROM sabr_migrations ORDER BY position LIMIT ?1")?;
        let known: usize = self.sets.iter().map(Vec::len).sum();
        let limit = i64::try_from(known).unwrap_or(i64::MAX);
        let rows = statement.query_map([limit.saturating_add(1)], |row| {
            Ok(Applied {
                name: row.get(0)?,
                sql: row.get(1)?,
            })
        })?;
        rows.collect::<Result<_, _>>().map(Some)
    }

    /// Compares what is applied with what this program knows.
    ///
    /// # Errors
    ///
    /// If an applied migration is unknown, has another text, or was applied before one that
    /// precedes it in its set. If two migrations have the same name and different texts.
    pub(crate) fn compare(&self, applied: &[Applied]) -> Result<Compared<'_>, Error> {
        let positions: HashMap<&str, usize> = applied
            .iter()
            .enumerate()
            .map(|(position, row)| (row.name.as_str(), position))
            .collect();
        let mut known: HashMap<&str, &Migration> = HashMap::new();
        let mut pending = Vec::new();
        for set in &self.sets {
            let mut next = 0;
            for migration in set {
                let name = || migration.name.clone().into_owned();
                match known.insert(&migration.name, migration) {
                    Some(other) if !other.has_text(&migration.sql) => {
                        return Err(Kind::MigrationTwice { name: name() }.into());
                    }
                    twice => {
                        let at = positions.get(migration.name());
                        let is_right = at
                            .is_none_or(|at| *at >= next && migration.has_text(&applied[*at].sql));
                        if !is_right {
                            return Err(Kind::MigrationChanged { name: name() }.into());
                        }
                        next = at.map_or(usize::MAX, |at| at + 1);
                        if at.is_none() && twice.is_none() {
                            pending.push(migration);
                        }
                    }
                }
            }
        }
        let applied = applied
            .iter()
            .map(|row| match known.get(row.name.as_str()) {
                Some(migration) => Ok(*migration),
                None => {
                    let name = row.name.clone();
                    Err(Kind::MigrationUnknown { name }.into())
                }
            });
        Ok(Compared {
            applied: applied.collect::<Result<_, Error>>()?,
            pending,
        })
    }
}

/// The migrations of this program, as a database has them.
#[derive(Debug)]
pub(crate) struct Compared<'a> {
    /// In the order in which they were applied.
    pub(crate) applied: Vec<&'a Migration>,
    /// In the order in which they are to be applied.
    pub(crate) pending: Vec<&'a Migration>,
}
