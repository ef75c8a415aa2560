//! A connection that keeps its view of the database from one read to the next.
//!
//! To begin and end a read transaction costs two locks that all readers of a file share, more than a
//! short read itself and in each other's way. While nobody has written there is nothing new to see: so
//! the transaction stays open, and is begun anew when the writer has committed since.

use std::time::{Duration, Instant};

use rusqlite::Connection;

/// How long a view is kept while this process has not written: another one may have.
const AGE_MAX: Duration = Duration::from_millis(10);

pub(crate) struct Snapshot {
    conn: Connection,
    /// When the view was taken: after how many commits of this process, and at what time.
    taken: Option<(u64, Instant)>,
}

impl Snapshot {
    pub(crate) fn new(conn: Connection) -> Self {
        Self { conn, taken: None }
    }

    /// The connection, inside a transaction that sees at least this many commits of this process, and
    /// those of others that are older than 10 milliseconds.
    pub(crate) fn fresh(&mut self, commits: u64) -> rusqlite::Result<&Connection> {
        let now = Instant::now();
        let is_fresh = self.taken.is_some_and(|(seen, at)| {
            seen == commits && now.duration_since(at) < AGE_MAX && !self.conn.is_autocommit()
        });
        if !is_fresh {
            self.release()?;
            self.conn.prepare_cached("BEGIN")?.execute([])?;
            self.taken = Some((commits, now));
        }
        Ok(&self.conn)
    }

    /// Ends the transaction if it sees fewer commits than this.
    pub(crate) fn release_before(&mut self, commits: u64) -> rusqlite::Result<()> {
        match self.taken {
            Some((seen, _)) if seen < commits => self.release(),
            _ => Ok(()),
        }
    }

    /// Ends the transaction, if there is one. Until then the log can't be begun anew.
    fn release(&mut self) -> rusqlite::Result<()> {
        self.taken = None;
        if self.conn.is_autocommit() {
            return Ok(());
        }
        self.conn.prepare_cached("COMMIT")?.execute([]).map(drop)
    }
}
