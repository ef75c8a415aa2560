use std::fs;
use std::io;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::copy::{advice, copy};
use crate::error::Kind;
use crate::inspect::{self, Found, inspect};
use crate::location::{self, SIDECARS, failed, sidecar};
use crate::{Error, Options, identity};

/// What to do if a file with the name of the backup exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfExists {
    /// Leave it, and fail.
    Refuse,
    /// Replace it once the backup is complete.
    Replace,
}

impl Options {
    /// Copies the database into a file. Other processes may use the database meanwhile. Blocks the
    /// calling thread.
    ///
    /// The copy is one consistent snapshot. Writers are not held up, but the WAL cannot be reset
    /// while the pages are copied. The copy is checked and synced to disk before it gets its name,
    /// so a file of that name is always a whole backup. It has mode 0600.
    ///
    /// # Errors
    ///
    /// When there is no database, or it belongs to another application ([`Error::is_refused`]);
    /// when the backup cannot be written or is damaged; when a file of that name exists
    /// ([`Error::is_existing`]).
    pub fn backup_to(self, backup: impl AsRef<Path>, exists: IfExists) -> Result<(), Error> {
        let turn = inspect::turn();
        let (database, options) = self.resolved()?;
        let backup = backup.as_ref();
        let tried = format!("back up {} to {}", database.display(), backup.display());
        if inspect(&database, &options)? != Found::Ours {
            let why = "there is no database; check the path".to_owned();
            return Err(Kind::File { tried, why }.into());
        }
        if backup.as_os_str().as_encoded_bytes().ends_with(b"/") {
            let why = "that names a folder; name a file in it".to_owned();
            return Err(Kind::File { tried, why }.into());
        }
        let target = location::resolve(backup).map_err(|error| failed(tried.clone(), &error))?;
        check_target(&target, &database, exists, &tried)?;
        let conn = open(&database, &options).map_err(|error| {
            let (tried, why) = (tried.clone(), advice(&error));
            Error::from(Kind::File { tried, why })
        })?;
        identity::examine(&conn, &options)?;
        drop(turn);
        let copy = copy(&conn, &target, &tried, &options)?;
        let named = match exists {
            IfExists::Refuse => location::name_new(copy, &target),
            IfExists::Replace => copy.persist(&target).map_err(|refused| refused.error),
        };
        match named {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(Kind::Exists { tried }.into());
            }
            Err(error) => return Err(failed(tried, &error)),
        }
        location::sync_folder(&target).map_err(|error| failed(tried, &error))
    }
}

/// Opens the database the ordinary way, so that SQLite locks and reads the WAL too.
fn open(database: &Path, options: &Options) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(database, flags)?;
    conn.busy_timeout(options.busy_timeout)?;
    identity::application_id(&conn)?;
    Ok(conn)
}

/// Refuses a name that would damage the database, or that would not hold a backup.
fn check_target(
    target: &Path,
    database: &Path,
    exists: IfExists,
    tried: &str,
) -> Result<(), Error> {
    let cannot = |why: &str| {
        let (tried, why) = (tried.to_owned(), why.to_owned());
        Err(Kind::File { tried, why }.into())
    };
    let beside = SIDECARS.map(|suffix| sidecar(database, suffix));
    if target == database || beside.iter().any(|path| path == target) {
        return cannot(
            "the backup would replace a file of the database itself; choose another name",
        );
    }
    if SIDECARS
        .iter()
        .any(|suffix| sidecar(target, suffix).exists())
    {
        return cannot(
            "beside that name lies a -wal, -shm or -journal file, so it is or was a database in use; \
             choose another name",
        );
    }
    match fs::metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(tried.to_owned(), &error)),
        Ok(found) if !found.is_file() => cannot("it is not a regular file; choose another name"),
        Ok(_) if exists == IfExists::Replace => Ok(()),
        Ok(_) => {
            let tried = tried.to_owned();
            Err(Kind::Exists { tried }.into())
        }
    }
}
