mod words;

use std::error::Error as StdError;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{ErrorCode, ffi};

/// Why a database could not be opened, or something in it could not be done.
///
/// Cheap to clone: all the writes of a failed commit share one.
#[derive(Clone)]
pub struct Error {
    kind: Arc<Kind>,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Open {
        path: PathBuf,
        source: rusqlite::Error,
    },
    /// The file is not a database of this application.
    Refused {
        path: PathBuf,
        why: String,
    },
    /// A file could not be created, read, copied or moved.
    File {
        /// What was tried: the words after "cannot".
        tried: String,
        why: String,
    },
    /// A file of that name exists.
    Exists {
        tried: String,
    },
    Migrate {
        name: String,
        source: rusqlite::Error,
    },
    MigrationChanged {
        name: String,
    },
    MigrationTwice {
        name: String,
    },
    MigrationUnknown {
        name: String,
    },
    Overloaded {
        capacity: usize,
    },
    Closed,
    ReadEnded,
    Panicked {
        message: String,
    },
    EndedTransaction,
    /// The writer panicked outside of a closure. `restart` says why it could not be started again.
    WriterEnded {
        message: String,
        restart: Option<Error>,
    },
    /// The path no longer leads to the file that was opened.
    Moved {
        path: PathBuf,
    },
    Damaged {
        finding: String,
    },
    Commit {
        source: rusqlite::Error,
    },
    Sqlite(rusqlite::Error),
    Spawn(std::io::Error),
}

impl Error {
    /// Whether too many calls wait already, or the read was ended because it stopped the WAL from
    /// being reset ([`Options::wal_limit`](crate::Options::wal_limit)). Nothing was done, and a
    /// later try may succeed.
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        matches!(*self.kind, Kind::Overloaded { .. } | Kind::ReadEnded)
    }

    /// Whether the database is closed, or being closed. Nothing was done.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(*self.kind, Kind::Closed)
    }

    /// Whether the closure panicked. Nothing of it is in the database.
    #[must_use]
    pub fn is_panicked(&self) -> bool {
        matches!(*self.kind, Kind::Panicked { .. })
    }

    /// Whether the transaction that the write shared with others could not begin or be committed.
    #[must_use]
    pub fn is_commit_failed(&self) -> bool {
        matches!(*self.kind, Kind::Commit { .. } | Kind::EndedTransaction)
    }

    /// Whether the writer ended unexpectedly while the call waited or ran, or cannot be started
    /// again. The call changed nothing.
    ///
    /// The writer of a file is started again with a new connection, so a later call may succeed. An
    /// in-memory database lives in a single connection. If that connection is lost, so is the
    /// content, and every later call fails with this error.
    #[must_use]
    pub fn is_writer_ended(&self) -> bool {
        matches!(*self.kind, Kind::WriterEnded { .. })
    }

    /// Whether the database file was moved, deleted or replaced while it was open. The write is
    /// refused, because nobody would find it again.
    #[must_use]
    pub fn is_moved(&self) -> bool {
        matches!(*self.kind, Kind::Moved { .. })
    }

    /// Whether another process held a lock for longer than
    /// [`Options::busy_timeout`](crate::Options::busy_timeout) (`SQLITE_BUSY`). Nothing was
    /// changed; a later try may succeed.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.code() == Some(ErrorCode::DatabaseBusy)
    }

    /// Whether there was no room (`SQLITE_FULL`): the disk is full, or the database has its maximum
    /// number of pages. Nothing was changed; a later try may succeed.
    #[must_use]
    pub fn is_full(&self) -> bool {
        // The `-shm` file also needs room on the disk. SQLite reports a failure to extend it by
        // this code, and the usual reason is a full disk.
        self.code() == Some(ErrorCode::DiskFull)
            || self.extended_code() == Some(ffi::SQLITE_IOERR_SHMSIZE)
    }

    /// Whether the database is read-only (`SQLITE_READONLY`): the file, its folder or its file
    /// system is write-protected. A closure of [`Database::read`](crate::Database::read) that tries
    /// to write also fails with this error.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.code() == Some(ErrorCode::ReadOnly)
    }

    /// Whether the file is damaged, or is not a database (`SQLITE_CORRUPT`, `SQLITE_NOTADB`).
    #[must_use]
    pub fn is_corrupt(&self) -> bool {
        let code = self.code();
        matches!(*self.kind, Kind::Damaged { .. })
            || code == Some(ErrorCode::DatabaseCorrupt)
            || code == Some(ErrorCode::NotADatabase)
    }

    /// Whether the file is not a complete database of this application. It was not changed.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(*self.kind, Kind::Refused { .. })
    }

    /// Whether a file of that name exists. It was not changed.
    #[must_use]
    pub fn is_existing(&self) -> bool {
        matches!(*self.kind, Kind::Exists { .. })
    }

    /// Whether the database's migrations are not those of this program.
    #[must_use]
    pub fn is_migration(&self) -> bool {
        matches!(
            *self.kind,
            Kind::Migrate { .. }
                | Kind::MigrationChanged { .. }
                | Kind::MigrationTwice { .. }
                | Kind::MigrationUnknown { .. }
        )
    }

    /// What SQLite said, where SQLite said something.
    #[must_use]
    pub fn sqlite(&self) -> Option<&rusqlite::Error> {
        match &*self.kind {
            Kind::Open { source, .. } | Kind::Migrate { source, .. } | Kind::Commit { source } => {
                Some(source)
            }
            Kind::Sqlite(error) => Some(error),
            Kind::WriterEnded { restart, .. } => restart.as_ref().and_then(Self::sqlite),
            _ => None,
        }
    }

    /// Whether a search has found damage.
    pub(crate) fn is_damage_found(&self) -> bool {
        matches!(*self.kind, Kind::Damaged { .. })
    }

    /// Whether the transaction failed because of the data written in it, not because of the state
    /// of the database.
    pub(crate) fn is_of_content(&self) -> bool {
        self.code() == Some(ErrorCode::ConstraintViolation)
    }

    fn code(&self) -> Option<ErrorCode> {
        self.sqlite().and_then(rusqlite::Error::sqlite_error_code)
    }

    fn extended_code(&self) -> Option<i32> {
        let error = self.sqlite().and_then(rusqlite::Error::sqlite_error);
        error.map(|error| error.extended_code)
    }
}

impl Error {
    /// Names the file in an error of SQLite that came while this file was opened.
    pub(crate) fn while_opening(self, path: &Path) -> Self {
        match Arc::try_unwrap(self.kind) {
            Ok(Kind::Sqlite(source)) => {
                let path = path.to_owned();
                Kind::Open { path, source }.into()
            }
            Ok(kind) => kind.into(),
            Err(kind) => Self { kind },
        }
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self {
            kind: Arc::new(kind),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Kind::Sqlite(error).into()
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &*self.kind {
            Kind::Spawn(error) => error.source(),
            // What SQLite said is part of the message already; what lies behind it is not.
            _ => self.sqlite().and_then(StdError::source),
        }
    }
}
