//! A connection that keeps its view of the database from one read to the next.
//!
//! To begin and end a read transaction costs two locks that all readers of a file share: more than a
//! short read itself. As long as nobody has written there is nothing new to see, so the transaction
//! stays open for the next read.
//!
//! An open view keeps SQLite from resetting the WAL, whose file then grows with every write. Hence
//! it is kept for a short time only, and not beyond the next commit of this process.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::budget::Budget;

pub(crate) struct Snapshot {
    conn: Connection,
    budget: Budget,
    /// When the view was taken: after how many commits of this process, and at what time.
    taken: Option<(u64, Instant)>,
}

impl Snapshot {
    /// How long a view is used while this process has not written. Short, because another process may
    /// have, and because views that overlap without a gap keep its checkpoints from ending. Long enough that
    /// a new view is a small part of the reads in that time.
    const AGE_MAX: Duration = Duration::from_millis(1);

    pub(crate) fn new(mut conn: Connection) -> rusqlite::Result<Self> {
        let budget = Budget::install(&mut conn)?;
        Ok(Self {
            conn,
            budget,
            taken: None,
        })
    }

    pub(crate) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The connection, inside a transaction that sees at least this many commits of this process, and
    /// those of others that are older than [`Snapshot::AGE_MAX`].
    pub(crate) fn fresh(&mut self, commits: u64) -> rusqlite::Result<&Connection> {
        let now = Instant::now();
        if !self.is_useful(commits, now) || self.conn.is_autocommit() {
            self.release()?;
            self.conn.prepare_cached("BEGIN")?.execute([])?;
            self.taken = Some((commits, now));
        }
        Ok(&self.conn)
    }

    /// Whether there is a view that a read which begins now could use.
    pub(crate) fn is_useful(&self, commits: u64, now: Instant) -> bool {
        self.taken
            .is_some_and(|(seen, at)| seen == commits && now.duration_since(at) < Self::AGE_MAX)
    }

    /// Ends the view, if there is one.
    pub(crate) fn release(&mut self) -> rusqlite::Result<()> {
        self.taken = None;
        if self.conn.is_autocommit() {
            return Ok(());
        }
        self.conn.prepare_cached("COMMIT")?.execute([]).map(drop)
    }
}
