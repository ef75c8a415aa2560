//! Whether a path still leads to the files that were opened.

use std::io;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::error::Kind;

/// The database file and its write-ahead log, as they were when the database was opened.
///
/// A deleted file stays writable for those who have it open. Commits would be answered, and be gone
/// when the process ends.
pub(crate) struct Files {
    database: File,
    /// `None` where the journal mode has no such file.
    log: Option<File>,
}

struct File {
    path: PathBuf,
    id: Id,
}

impl Files {
    /// Remembers the files of a database that is open.
    pub(crate) fn of(path: &Path) -> Result<Self, Error> {
        let moved = |_| {
            let path = path.to_owned();
            Error::from(Kind::Moved { path })
        };
        // SQLite resolves the path once, when it opens the file.
        let path = std::path::absolute(path).map_err(moved)?;
        let mut log = path.clone().into_os_string();
        log.push("-wal");
        Ok(Self {
            database: File::at(path).map_err(moved)?,
            log: File::at(log.into()).ok(),
        })
    }

    /// Refuses to go on if another file, or none, is where one of them was.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let moved = [Some(&self.database), self.log.as_ref()]
            .into_iter()
            .flatten()
            .find(|file| !file.is_there());
        match moved {
            Some(file) => {
                let path = file.path.clone();
                Err(Kind::Moved { path }.into())
            }
            None => Ok(()),
        }
    }
}

impl File {
    fn at(path: PathBuf) -> io::Result<Self> {
        let id = id(&path)?;
        Ok(Self { path, id })
    }

    fn is_there(&self) -> bool {
        id(&self.path).is_ok_and(|id| id == self.id)
    }
}

/// The device and the number of a file.
#[cfg(unix)]
type Id = (u64, u64);

#[cfg(unix)]
fn id(path: &Path) -> io::Result<Id> {
    use std::os::unix::fs::MetadataExt;

    let metadata = std::fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

/// An open file cannot be deleted or replaced elsewhere.
#[cfg(not(unix))]
type Id = ();

#[cfg(not(unix))]
fn id(_: &Path) -> io::Result<Id> {
    Ok(())
}
