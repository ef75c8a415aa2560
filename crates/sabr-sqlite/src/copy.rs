//! A checked and synced copy of a database, before it gets its name. Backup and restore both use
//! it.

use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tempfile::TempPath;

use crate::error::Kind;
use crate::identity::{self, Identity};
use crate::location::{self, failed};
use crate::{Error, Options};

impl Options {
    /// The same options, with the path behind symbolic links.
    pub(crate) fn resolved(self) -> Result<(PathBuf, Self), Error> {
        let Some(path) = &self.path else {
            let tried = "copy a database in memory".to_owned();
            let why = "it is gone when its process ends; name a file".to_owned();
            return Err(Kind::File { tried, why }.into());
        };
        let tried = || format!("open the database {}", path.display());
        let real = location::resolve(path).map_err(|error| failed(tried(), &error))?;
        let options = Self {
            path: Some(real.clone()),
            ..self
        };
        Ok((real, options))
    }
}

/// Copies all pages into a temporary file beside `target`, and checks them.
pub(crate) fn copy(
    source: &Connection,
    target: &Path,
    tried: &str,
    options: &Options,
) -> Result<TempPath, Error> {
    let temporary =
        location::temporary(target).map_err(|error| failed(tried.to_owned(), &error))?;
    let cannot = |why: String| {
        let tried = tried.to_owned();
        Error::from(Kind::File { tried, why })
    };
    let mut conn = copy_pages(source, &temporary).map_err(|error| cannot(advice(&error)))?;
    let damage = damage(&mut conn).map_err(|error| cannot(advice(&error)))?;
    if let Some(damage) = damage {
        return Err(cannot(format!(
            "its pages are damaged ({damage}); use or restore another backup"
        )));
    }
    let examined = identity::examine(&conn, options);
    let path = options.path.as_deref().unwrap_or(target);
    if examined.map_err(|error| error.while_opening(path))? == Identity::Empty {
        return Err(identity::without_tables(options));
    }
    conn.close().map_err(|(_, error)| error)?;
    location::sync(&temporary).map_err(|error| failed(tried.to_owned(), &error))?;
    Ok(temporary)
}

/// Copies in one step, and so in one read transaction. A copy in several steps starts again
/// whenever another process writes.
fn copy_pages(source: &Connection, temporary: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(temporary, flags)?;
    // A failed copy is deleted, and a successful one is synced at the end, so no sync is needed
    // meanwhile.
    conn.execute_batch("PRAGMA journal_mode = off; PRAGMA synchronous = off")?;
    match Backup::new(source, &mut conn)?.step(-1)? {
        StepResult::Done => {}
        _ => {
            let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
            return Err(rusqlite::Error::SqliteFailure(busy, None));
        }
    }
    // The copy must be one file that can also be read from a read-only folder.
    conn.pragma_update(None, "journal_mode", "delete")?;
    Ok(conn)
}

/// What `integrity_check` reports, or `None`.
fn damage(conn: &mut Connection) -> rusqlite::Result<Option<String>> {
    let first: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    Ok((first != "ok").then_some(first))
}

/// An error of SQLite, with advice.
pub(crate) fn advice(error: &rusqlite::Error) -> String {
    let advice = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "free some space and try again",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program has locked the database; try again later"
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "the file is damaged: use or restore another backup"
        }
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            "check that the database and its folder can be written by the user who runs this"
        }
        _ => "check the disk",
    };
    format!("{error}; {advice}")
}
