//! Detects that the open files were moved, deleted or replaced.

use std::io;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::error::Kind;

/// Identifies the database file and its WAL as they were when the database was opened.
///
/// A deleted file stays writable for a process that has it open. Commits would be acknowledged, and
/// lost when the process ends.
pub(crate) struct Files {
    database: File,
    /// `None` where the journal mode has no WAL.
    log: Option<File>,
}

struct File {
    path: PathBuf,
    id: Id,
}

impl Files {
    /// Records the files of an open database.
    pub(crate) fn of(path: &Path) -> Result<Self, Error> {
        let moved = |_| {
            let path = path.to_owned();
            Error::from(Kind::Moved { path })
        };
        // SQLite resolves the path once, when it opens the file, so this does the same.
        let path = std::path::absolute(path).map_err(moved)?;
        let mut log = path.clone().into_os_string();
        log.push("-wal");
        Ok(Self {
            database: File::at(path).map_err(moved)?,
            log: File::at(log.into()).ok(),
        })
    }

    /// Fails if a path now leads to another file, or to none.
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

/// The device and inode number of a file.
#[cfg(unix)]
type Id = (u64, u64);

#[cfg(unix)]
fn id(path: &Path) -> io::Result<Id> {
    use std::os::unix::fs::MetadataExt;

    let metadata = std::fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

/// Other systems do not let an open file be deleted or replaced.
#[cfg(not(unix))]
type Id = ();

#[cfg(not(unix))]
fn id(_: &Path) -> io::Result<Id> {
    Ok(())
}
