use std::error::Error as StdError;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

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
    Migrate {
        name: String,
        source: rusqlite::Error,
    },
    MigrationChanged {
        name: String,
    },
    MigrationUnknown {
        name: String,
    },
    Overloaded {
        capacity: usize,
    },
    Closed,
    Panicked {
        message: String,
    },
    EndedTransaction,
    Commit {
        source: rusqlite::Error,
    },
    Sqlite(rusqlite::Error),
    Spawn(std::io::Error),
}

impl Error {
    /// Whether too much waits already. Nothing was done; later there may be room.
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        matches!(*self.kind, Kind::Overloaded { .. })
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

    /// Whether the database's migrations are not those of this program.
    #[must_use]
    pub fn is_migration(&self) -> bool {
        matches!(
            *self.kind,
            Kind::Migrate { .. } | Kind::MigrationChanged { .. } | Kind::MigrationUnknown { .. }
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
            _ => None,
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

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.kind {
            Kind::Open { path, source } => write!(
                f,
                "cannot open the database {}: {source}; check that it is an SQLite file, and that it and its folder can be written",
                path.display()
            ),
            Kind::Migrate { name, source } => write!(
                f,
                "cannot apply the migration {name}: {source}; the database is as it was before it"
            ),
            Kind::MigrationChanged { name } => write!(
                f,
                "cannot use the database: the migration {name} was applied with another text, or in another order; restore its text, and put the change into a new migration"
            ),
            Kind::MigrationUnknown { name } => write!(
                f,
                "cannot use the database: it has the migration {name}, which this program does not know; start the newer program that wrote it"
            ),
            Kind::Overloaded { capacity } => {
                write!(f, "cannot queue: {capacity} calls wait for the database already; try again later")
            }
            Kind::Closed => f.write_str("the database is closed"),
            Kind::Panicked { message } => write!(f, "the closure panicked: {message}"),
            Kind::EndedTransaction => f.write_str(
                "cannot commit: the transaction ended before its time, and with it all that was written in it",
            ),
            Kind::Commit { source } => write!(f, "cannot commit: {source}"),
            Kind::Sqlite(error) => error.fmt(f),
            Kind::Spawn(error) => write!(f, "cannot start the writer thread: {error}"),
        }
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
