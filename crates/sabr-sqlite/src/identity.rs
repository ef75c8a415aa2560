//! Determines which application a database belongs to.

use std::collections::BTreeSet;

use rusqlite::Connection;

use crate::error::Kind;
use crate::migration::Applied;
use crate::{Error, Migration, Options};

/// A database that this program may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// It has no tables and no application id.
    Empty,
    /// It is ours, but lacks a migration or the application id.
    Behind,
    /// It is ours and complete.
    UpToDate,
}

/// Determines whether the database is ours, and refuses it otherwise. Only reads.
pub(crate) fn examine(conn: &Connection, options: &Options) -> Result<Identity, Error> {
    let id = application_id(conn)?;
    let ours = options.application_id;
    if ours.is_some() && id != 0 && Some(id) != ours {
        return Err(not_ours(
            options,
            format!("its application id is {id:#010x}"),
        ));
    }
    if !has_tables(conn)? {
        let version = user_version(conn)?;
        if ours.is_some() && id == 0 && version != 0 {
            let found = format!("it has no tables yet, but the user version {version}");
            return Err(not_ours(options, found));
        }
        return match ours {
            Some(ours) if ours == id && !options.migrations.is_empty() => {
                Err(without_tables(options))
            }
            None if options.migrations.is_empty() => Ok(Identity::UpToDate),
            _ => Ok(Identity::Empty),
        };
    }
    // Options without an application id accept any database.
    let is_marked = ours.is_none_or(|ours| ours == id);
    if options.migrations.is_empty() {
        return match is_marked {
            true => Ok(Identity::UpToDate),
            false => Err(not_ours(
                options,
                "it has tables and no application id".to_owned(),
            )),
        };
    }
    let applied = match options.migrations.applied(conn) {
        Ok(applied) => applied,
        Err(_) if !is_marked => {
            return Err(not_ours(options, "its migrations can't be read".to_owned()));
        }
        Err(error) => return Err(error.into()),
    };
    if !is_marked && !began_as_ours(conn, applied.as_deref(), options)? {
        let found = "it has tables that this program did not make".to_owned();
        return Err(not_ours(options, found));
    }
    let applied = applied.unwrap_or_default();
    let compared = options.migrations.compare(&applied)?;
    if let Some(missing) = missing(conn, &compared.applied)? {
        let why = format!("it has lost {missing}; restore a backup, or name another file");
        return Err(refused(options, why));
    }
    if is_marked && compared.pending.is_empty() {
        return Ok(Identity::UpToDate);
    }
    Ok(Identity::Behind)
}

/// The application id in the header of the file; 0 if it has none.
pub(crate) fn application_id(conn: &Connection) -> rusqlite::Result<u32> {
    conn.pragma_query_value(None, "application_id", |row| row.get(0))
        .map(i32::cast_unsigned)
}

/// A number in the header of the file, which programs use as the version of their tables. This
/// library does not use it.
fn user_version(conn: &Connection) -> rusqlite::Result<i32> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

pub(crate) fn has_tables(conn: &Connection) -> rusqlite::Result<bool> {
    conn.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\')",
        [],
        |row| row.get(0),
    )
}

/// The first table, index or column that the applied migrations made and that is not there.
///
/// Only names are compared: another version of SQLite may write down the same table in other words.
fn missing(conn: &Connection, applied: &[&Migration]) -> Result<Option<String>, Error> {
    let expected = Connection::open_in_memory()?;
    for migration in applied {
        if migration.run(&expected).is_err() {
            // It needs a function that only the program's own connections have.
            return Ok(None);
        }
    }
    let found = parts(conn)?;
    let missing = parts(&expected)?
        .into_iter()
        .find(|part| !found.contains(part));
    Ok(missing.map(|(kind, name, column)| match column {
        Some(column) => format!("the column {column} of the {kind} {name}"),
        None => format!("the {kind} {name}"),
    }))
}

/// The kind and name of everything in the schema, and of each table also each column.
fn parts(conn: &Connection) -> rusqlite::Result<BTreeSet<(String, String, Option<String>)>> {
    let mut statement = conn.prepare(
        "SELECT type, name, NULL FROM sqlite_schema WHERE sql IS NOT NULL
         UNION ALL
         SELECT s.type, s.name, c.name FROM sqlite_schema s, pragma_table_xinfo(s.name) c
         WHERE s.type = 'table'",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

pub(crate) fn without_tables(options: &Options) -> Error {
    let why = "it is a database without any table, most likely a copy that was made without its -wal file; \
               copy both or restore a backup, or remove it to begin with an empty database";
    refused(options, why.to_owned())
}

/// The file of these options can't be used. It was not changed.
pub(crate) fn refused(options: &Options, why: String) -> Error {
    let path = options.path.clone().unwrap_or_default();
    Kind::Refused { path, why }.into()
}

/// Whether a version of this program from before application ids made this database. That version
/// may have ended before its first migration.
fn began_as_ours(
    conn: &Connection,
    applied: Option<&[Applied]>,
    options: &Options,
) -> Result<bool, Error> {
    Ok(match applied {
        None => false,
        Some([]) => !conn.query_row(
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE tbl_name <> 'sabr_migrations')",
            [],
            |row| row.get(0),
        )?,
        Some([row, ..]) => options.migrations.begin_with(&row.name),
    })
}

fn not_ours(options: &Options, found: String) -> Error {
    let advice = "it belongs to another program; name another file";
    refused(options, format!("{found}: {advice}"))
}
