//! The thread that owns the connection that writes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rusqlite::Connection;

use crate::check::{Damage, Doubt};
use crate::connection::Fence;
use crate::error::Kind;
use crate::inode::Files;
use crate::panic::log;
use crate::queue::Queue;
use crate::readers::Readers;
use crate::wal::Wal;
use crate::write::{Call, Effect};
use crate::{Error, Options, Statistics, check};

/// How long one attempt to begin a transaction waits for another process's lock. Between attempts
/// the writer notices that it has to stop.
pub(crate) const ATTEMPT: Duration = Duration::from_millis(50);

// The comments keep these apart from what callers prepare: statements are cached by their text.
const BEGIN: &str = "BEGIN IMMEDIATE /* batch */";
const COMMIT: &str = "COMMIT /* batch */";
const SAVE: &str = "SAVEPOINT call /* batch */";
const KEEP: &str = "RELEASE call /* batch */";
const UNDO: &str = "ROLLBACK TO call /* batch */";

/// What the thread works with.
pub(crate) struct Writer {
    pub(crate) conn: Connection,
    pub(crate) options: Options,
    pub(crate) fence: Fence,
    /// `None` for a database in memory.
    pub(crate) files: Option<Files>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) readers: Option<Arc<Readers>>,
    pub(crate) wal: Wal,
    pub(crate) statistics: Arc<Mutex<Statistics>>,
    pub(crate) doubt: Arc<Doubt>,
    pub(crate) damage: Arc<Damage>,
    /// Whether the transaction of the finished calls is committed.
    pub(crate) committed: bool,
}

/// A call of a batch, and what becomes of what it wrote if the batch is committed.
pub(crate) type Ran = (Box<dyn Call>, Effect);

impl Writer {
    /// One transaction: all that waits, up to the bound, also what comes while it runs.
    ///
    /// Calls that ran are in `ran` afterwards, and share this result. When it fails before all that
    /// waited have run, the rest is left for the next transaction.
    pub(crate) fn transact(
        &mut self,
        waiting: &mut VecDeque<Box<dyn Call>>,
        ran: &mut Vec<Ran>,
    ) -> Result<(), Error> {
        self.committed = false;
        self.queue
            .take(self.options.batch_size - waiting.len(), waiting);
        if let Err(error) = self.begin() {
            // Most often another process holds the lock. All that wait are told now: were each
            // batch to wait for the lock in turn, the last would wait many times as
            // long as it may.
            self.queue.take(usize::MAX, waiting);
            ran.extend(waiting.drain(..).map(|call| (call, Effect::Undo)));
            return Err(error);
        }
        while let Some(mut call) = waiting.pop_front() {
            let stepped = self.step(call.as_mut());
            let lost = self.conn.is_autocommit();
            ran.push((call, *stepped.as_ref().unwrap_or(&Effect::Undo)));
            if lost {
                return Err(self.lost());
            }
            if let Err(source) = stepped {
                return Err(self.abandon(source));
            }
            if waiting.is_empty() {
                self.queue
                    .take_more(self.options.batch_size - ran.len(), waiting);
            }
        }
        // This commit makes all idle snapshots outdated. They are ended before it, because they
        // could stop SQLite from resetting the WAL in the commit.
        if let Some(readers) = &self.readers {
            readers.release_all();
        }
        let begun = Instant::now();
        if let Err(source) = self.execute(COMMIT) {
            return Err(self.abandon(source));
        }
        self.committed = true;
        if let Some(readers) = &self.readers {
            readers.committed();
        }
        let mut statistics = lock(&self.statistics);
        statistics.commit_micros.record_micros(begun.elapsed());
        Ok(())
    }

    /// Begins a transaction. Waits for another process's lock for [`Options::busy_timeout`].
    fn begin(&self) -> Result<(), Error> {
        if let Some(files) = &self.files {
            files.check()?;
        }
        self.damage.check()?;
        let begun = Instant::now();
        loop {
            if self.queue.is_stopped() {
                return Err(Kind::Closed.into());
            }
            let left = self.options.busy_timeout.saturating_sub(begun.elapsed());
            self.conn.busy_timeout(left.min(ATTEMPT))?;
            let Err(source) = self.execute(BEGIN) else {
                return Ok(());
            };
            let error = Error::from(Kind::Commit { source });
            if !error.is_busy() || begun.elapsed() >= self.options.busy_timeout {
                return Err(error);
            }
        }
    }

    /// One call, in a savepoint of its own.
    fn step(&self, call: &mut dyn Call) -> rusqlite::Result<Effect> {
        self.execute(SAVE)?;
        self.fence.set(true);
        let effect = call.run(&self.conn);
        self.fence.set(false);
        if self.conn.is_autocommit() {
            return Ok(Effect::Undo);
        }
        if effect != Effect::Commit {
            self.execute(UNDO)?;
        }
        self.execute(KEEP)?;
        Ok(effect)
    }

    /// Finds out why SQLite rolled back by itself, as it does when the disk is full or fails. Only
    /// the running call saw the error, and its error type may hide it, so a small write provokes
    /// the error again.
    fn lost(&self) -> Error {
        let tried = self.execute(BEGIN).and_then(|()| {
            self.conn.execute_batch(check::WRITE)?;
            self.execute(COMMIT)
        });
        match tried {
            Ok(()) => Kind::EndedTransaction.into(),
            Err(source) => self.abandon(source),
        }
    }

    /// Gives up the transaction: the database is as it was before it.
    fn abandon(&self, source: rusqlite::Error) -> Error {
        if !self.conn.is_autocommit()
            && let Err(error) = self.conn.execute_batch("ROLLBACK")
        {
            log(|| tracing::error!(%error, "a transaction could not be rolled back"));
        }
        Kind::Commit { source }.into()
    }

    pub(crate) fn count(&self, ran: &[Ran], committed: &Result<(), Error>) {
        let mut statistics = lock(&self.statistics);
        let calls = ran.len() as u64;
        let count = |of| ran.iter().filter(|(_, effect)| *effect == of).count() as u64;
        match committed {
            Ok(()) => {
                statistics.commits += 1;
                statistics.writes += count(Effect::Commit);
                statistics.failed_writes += count(Effect::Undo);
                statistics.batch_sizes.record(calls);
            }
            Err(error) => {
                statistics.failed_commits += 1;
                statistics.failed_writes += calls - count(Effect::None);
                drop(statistics);
                self.failed(error, calls);
            }
        }
    }

    fn failed(&self, error: &Error, calls: u64) {
        if error.is_closed() {
            return;
        }
        if !error.is_busy() {
            self.doubt.raise();
        }
        if error.is_corrupt() {
            // The page cache may hold damaged pages of a file that has been repaired since.
            let _ = self.conn.execute_batch("PRAGMA shrink_memory");
        }
        let message = "a transaction was not committed";
        // Why `debug`: the callers are told, and none of these is a fault of this program.
        if error.is_busy() || error.is_full() || error.is_damage_found() {
            log(|| tracing::debug!(%error, calls, message));
        } else {
            log(|| tracing::error!(%error, calls, message));
        }
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.conn.prepare_cached(sql)?.execute([]).map(drop)
    }
}

pub(crate) fn lock(statistics: &Mutex<Statistics>) -> parking_lot::MutexGuard<'_, Statistics> {
    // Only numbers are changed under this lock.
    statistics.lock()
}
