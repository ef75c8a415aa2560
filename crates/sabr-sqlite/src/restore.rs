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

/// How many databases are kept beside the present one, each after a restore.
const KEPT_MAX: u32 = 10_000;

impl Options {
    /// Puts a backup in the place of the database. Blocks meanwhile.
    ///
    /// The backup is copied and checked first. Then the database is locked, which fails while any
    /// process has it open, and is replaced in one step. The former database stays beside it; the
    /// answer is its new name. `None` if there was none.
    ///
    /// # Errors
    ///
    /// When the backup or the present database is not one of this application
    /// ([`Error::is_refused`]) or damaged, when a process has the database open, or when the files
    /// can't be written. The present database is unchanged then.
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

/// Locks a database that no other process has open. It is one file then, without a WAL.
fn lock_alone(database: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(database, flags)?;
    conn.pragma_update(None, "journal_mode", "delete")?;
    conn.execute_batch("BEGIN EXCLUSIVE")?;
    // In WAL mode this lock would not keep others out: a process may have come in between.
    let mode: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode != "delete" {
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        return Err(rusqlite::Error::SqliteFailure(busy, None));
    }
    Ok(conn)
}

/// Gives the copy the name of the database; answers the new name of the former one.
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

/// Gives the present database, and whatever lies beside it, a name of its own.
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
    // A second name first: the database is never without its own. Not all file systems can do that.
    if is_there && fs::hard_link(database, &kept).is_err() {
        fs::rename(database, &kept)?;
    }
    for suffix in beside {
        fs::rename(sidecar(database, suffix), sidecar(&kept, suffix))?;
    }
    Ok(Some(kept))
}

/// Lets those read and write the copy who could read and write the database.
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
