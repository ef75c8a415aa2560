//! A connection that keeps its view of the database from one read to the next.
//!
//! Beginning and ending a read transaction takes two locks that all readers of a file share, which
//! costs more than a short read. Without a write in between, the next read would see the same data,
//! so the transaction stays open for it.
//!
//! An open read transaction stops SQLite from resetting the WAL, whose file then grows with every
//! write. So it is kept only for a short time, and not past the next commit of this process.

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
    /// How long a snapshot is used while this process has not written. It is short for two reasons:
    /// another process may have written, and overlapping snapshots stop that process's checkpoints
    /// from completing. It is long enough that new snapshots are a small part of the reads in that
    /// time.
    const AGE_MAX: Duration = Duration::from_millis(1);

    pub(crate) fn new(mut conn: Connection) -> rusqlite::Result<Self> {
        let budget = Budget::install(&mut conn)?;
        Ok(Self {
            conn,
            budget,
            taken: None,
        })
    }

    /// Empties the page cache.
    pub(crate) fn forget_pages(&self) {
        // A failure leaves the cache as it is.
        let _ = self.conn.execute_batch("PRAGMA shrink_memory");
    }

    pub(crate) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The connection, inside a transaction that sees at least this many commits of this process,
    /// and those of others that are older than [`Snapshot::AGE_MAX`].
    pub(crate) fn fresh(&mut self, commits: u64) -> rusqlite::Result<&Connection> {
        let now = Instant::now();
        if !self.is_useful(commits, now) || self.conn.is_autocommit() {
            self.release()?;
            self.conn.prepare_cached("BEGIN")?.execute([])?;
            self.taken = Some((commits, now));
        }
        Ok(&self.conn)
    }

    /// Whether there is a snapshot that a new read may use.
    pub(crate) fn is_useful(&self, commits: u64, now: Instant) -> bool {
        self.taken
            .is_some_and(|(seen, at)| seen == commits && now.duration_since(at) < Self::AGE_MAX)
    }

    /// Ends the snapshot, if there is one.
    pub(crate) fn release(&mut self) -> rusqlite::Result<()> {
        self.taken = None;
        if self.conn.is_autocommit() {
            return Ok(());
        }
        self.conn.prepare_cached("COMMIT")?.execute([]).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_snapshot_is_never_interrupted() {
        let mut snapshot = Snapshot::new(Connection::open_in_memory().unwrap()).unwrap();
        for commits in 0..1000 {
            snapshot.fresh(commits).unwrap();
            snapshot.budget().begin(Some(Duration::ZERO));
            snapshot.budget().finish();
            // The limit of the WAL ends all reads, also where none runs.
            snapshot.budget().end();
            snapshot.release().unwrap();
        }
    }
}
