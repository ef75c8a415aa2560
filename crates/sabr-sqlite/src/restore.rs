use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use tempfile::TempPath;

use crate::copy::copy;
use crate::error::Kind;
use crate::inspect::{self, Found, Untouched, check_replaceable, inspect};
use crate::location::{self, SIDECARS, failed, sidecar};
use crate::{Error, Options};

/// The most former databases that are kept beside the present one, one for each restore.
const KEPT_MAX: u32 = 10_000;

impl Options {
    /// Replaces the database by a backup. Blocks the calling thread.
    ///
    /// The backup is copied and checked first. Then the database is locked, which fails if any
    /// process has it open, and replaced atomically. The former database is kept beside it. Returns
    /// the new name of the former one, or `None` if there was none.
    ///
    /// # Errors
    ///
    /// When the backup or the present database does not belong to this application
    /// ([`Error::is_refused`]) or is damaged; when a process has the database open; when the files
    /// can't be written. The present database is then unchanged.
    pub fn restore_from(self, backup: impl AsRef<Path>) -> Result<Option<PathBuf>, Error> {
        let _turn = inspect::turn();
        let (database, options) = self.resolved()?;
        let backup = backup.as_ref();
        let tried = format!("restore {} from {}", database.display(), backup.display());
        let backup = fs::canonicalize(backup).map_err(|error| failed(tried.clone(), &error))?;
        let cannot = |why: &str| {
            let (tried, why) = (tried.clone(), why.to_owned());
            Error::from(Kind::File { tried, why })
        };
        if backup == database {
            return Err(cannot("both are the same file; name the backup"));
        }
        let reading = Options {
            path: Some(backup.clone()),
            ..options.clone()
        };
        if inspect(&backup, &reading)? != Found::Ours {
            return Err(cannot("the backup is empty; name another"));
        }
        let source = Untouched::open(&backup, &reading)?;
        let copy = copy(&source.conn, &database, &tried, &reading)?;
        // Held until the new file is in place.
        let _lock = match location::holds_something(&database) {
            true => {
                check_replaceable(&database, &options)?;
                Some(lock_alone(&database).map_err(|error| cannot(&locked(&error)))?)
            }
            false => None,
        };
        replace(copy, &database).map_err(|error| failed(tried, &error))
    }
}

/// Locks a database that no other process has open. It then is one file, without a WAL.
fn lock_alone(database: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(database, flags)?;
    conn.pragma_update(None, "journal_mode", "delete")?;
    conn.execute_batch("BEGIN EXCLUSIVE")?;
    // In WAL mode this lock does not exclude others, so another process may have come in between.
    let mode: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode != "delete" {
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        return Err(rusqlite::Error::SqliteFailure(busy, None));
    }
    Ok(conn)
}

/// Renames the copy to the database's name. Returns the new name of the former database.
fn replace(copy: TempPath, database: &Path) -> io::Result<Option<PathBuf>> {
    take_over_access(database, &copy)?;
    let kept = keep(database)?;
    if let Err(refused) = copy.persist(database) {
        if let Some(kept) = kept.filter(|kept| kept.exists()) {
            match database.exists() {
                true => fs::remove_file(kept)?,
                false => fs::rename(kept, database)?,
            }
        }
        return Err(refused.error);
    }
    location::sync_folder(database)?;
    Ok(kept)
}

/// Renames the present database and the files beside it.
fn keep(database: &Path) -> io::Result<Option<PathBuf>> {
    let beside: Vec<_> = SIDECARS
        .into_iter()
        .filter(|suffix| sidecar(database, suffix).exists())
        .collect();
    let is_there = location::holds_something(database);
    if !is_there && beside.is_empty() {
        return Ok(None);
    }
    let unused = |kept: &PathBuf| {
        let names = SIDECARS.map(|suffix| sidecar(kept, suffix));
        !kept.exists() && !names.iter().any(|name| name.exists())
    };
    let kept = (1..=KEPT_MAX)
        .map(|number| sidecar(database, &format!(".replaced-{number}")))
        .find(unused)
        .ok_or_else(|| io::Error::other("too many former databases lie beside it; remove some"))?;
    // Hard link first, so that the database always has its name. Not all file systems have links.
    if is_there && fs::hard_link(database, &kept).is_err() {
        fs::rename(database, &kept)?;
    }
    for suffix in beside {
        fs::rename(sidecar(database, suffix), sidecar(&kept, suffix))?;
    }
    Ok(Some(kept))
}

/// Gives the copy the owner and the mode of the database.
#[cfg(unix)]
fn take_over_access(database: &Path, copy: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    let Ok(former) = fs::metadata(database) else {
        return Ok(());
    };
    let own = fs::metadata(copy)?;
    if (own.uid(), own.gid()) != (former.uid(), former.gid()) {
        chown(copy, Some(former.uid()), Some(former.gid()))?;
    }
    fs::set_permissions(copy, former.permissions())
}

#[cfg(not(unix))]
fn take_over_access(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}

fn locked(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "a process has the database open; stop the service (and other programs that use the file), \
             then restore again"
                .to_owned()
        }
        _ => format!(
            "the present database can't be locked: {error}; move it and its -wal file to another folder, \
             then restore again"
        ),
    }
}
