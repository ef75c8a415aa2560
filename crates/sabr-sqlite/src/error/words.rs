//! What an error says: what was tried, what failed, and what to do.

use std::fmt;
use std::path::Path;

use super::{Error, Kind};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.kind {
            Kind::Open { path, source } => self.cannot_open(f, path, source),
            Kind::Refused { path, why } => {
                write!(f, "cannot use {} as the database: {why}", path.display())
            }
            Kind::File { tried, why } => write!(f, "cannot {tried}: {why}"),
            Kind::Exists { tried } => write!(
                f,
                "cannot {tried}: there is a file of that name already; choose another name or replace it"
            ),
            Kind::Migrate { name, source } => write!(
                f,
                "cannot apply the migration {name}: {source}; the database is as it was before"
            ),
            Kind::MigrationChanged { name } => write!(
                f,
                "cannot use the database: the migration {name} was applied with another text, or in another order; restore its text, and put the change into a new migration"
            ),
            Kind::MigrationTwice { name } => write!(
                f,
                "cannot use the database: two migrations with different texts are named {name}; rename one of them"
            ),
            Kind::MigrationUnknown { name } => write!(
                f,
                "cannot use the database: it has the migration {name}, which this program does not know; start the newer program that wrote it"
            ),
            Kind::Overloaded { capacity } => {
                write!(f, "cannot queue: {capacity} calls wait for the database already; try again later")
            }
            Kind::ReadEnded => f.write_str(
                "cannot go on reading: the read kept the write-ahead log from being reset, and that reached its limit; read less at once, or try again later",
            ),
            Kind::Closed => f.write_str("the database is closed"),
            Kind::Panicked { message } => write!(f, "the closure panicked: {message}"),
            Kind::EndedTransaction => f.write_str(
                "cannot commit: the transaction ended before its time, and with it all that was written in it",
            ),
            Kind::WriterEnded { message, restart } => {
                write!(f, "cannot write: the writer ended unexpectedly ({message})")?;
                match restart {
                    Some(error) => write!(f, " and cannot be started again: {error}"),
                    None => Ok(()),
                }
            }
            Kind::Moved { path } => write!(
                f,
                "cannot write: the database {} was moved, deleted or replaced while it was open; put the file back with the -wal file beside it, or open the database again",
                path.display()
            ),
            Kind::Damaged { finding } => write!(
                f,
                "the database is damaged: {finding}; restore it from a backup"
            ),
            Kind::Commit { .. } if self.is_busy() => f.write_str(
                "cannot write: another program holds the database locked; try again later",
            ),
            Kind::Commit { source } => write!(f, "cannot commit: {source}"),
            Kind::Sqlite(error) => error.fmt(f),
            Kind::Spawn(error) => write!(f, "cannot start the writer thread: {error}"),
        }
    }
}

impl Error {
    fn cannot_open(
        &self,
        f: &mut fmt::Formatter<'_>,
        path: &Path,
        source: &rusqlite::Error,
    ) -> fmt::Result {
        write!(f, "cannot open the database {}: ", path.display())?;
        if self.is_busy() {
            f.write_str("another program holds it locked; end that program, or try again later")
        } else if self.is_full() {
            f.write_str("the disk is full; free some space and try again")
        } else if self.is_corrupt() {
            write!(
                f,
                "{source}; the file is damaged, so use a backup that is not"
            )
        } else {
            write!(
                f,
                "{source}; check that it is an SQLite file, and that it and its folder can be written"
            )
        }
    }
}
