//! The thread that owns the connection that writes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rusqlite::Connection;

use crate::connection::Fence;
use crate::error::Kind;
use crate::queue::Queue;
use crate::readers::Readers;
use crate::write::{Call, Effect};
use crate::{Error, Statistics};

// The comments keep these apart from what callers prepare: statements are cached by their text.
const BEGIN: &str = "BEGIN IMMEDIATE /* batch */";
const COMMIT: &str = "COMMIT /* batch */";
const SAVE: &str = "SAVEPOINT call /* batch */";
const KEEP: &str = "RELEASE call /* batch */";
const UNDO: &str = "ROLLBACK TO call /* batch */";

/// What the thread works with.
pub(crate) struct Writer {
    pub(crate) conn: Connection,
    pub(crate) fence: Fence,
    pub(crate) queue: Arc<Queue>,
    pub(crate) readers: Option<Arc<Readers>>,
    pub(crate) batch_size: usize,
    pub(crate) statistics: Arc<Mutex<Statistics>>,
}

/// A call of a batch, and what becomes of what it wrote if the batch is committed.
type Ran = (Box<dyn Call>, Effect);

impl Writer {
    /// Carries out what is queued, until the queue is closed and empty. Answers with the
    /// connection, for an orderly end.
    pub(crate) fn run(mut self) -> Connection {
        let mut waiting = VecDeque::with_capacity(self.batch_size);
        let mut ran = Vec::with_capacity(self.batch_size);
        while !waiting.is_empty() || self.queue.wait() {
            let committed = self.transact(&mut waiting, &mut ran);
            self.answer(&mut ran, &committed);
        }
        self.conn
    }

    /// One transaction: all that waits, up to the bound, also what comes while it runs.
    ///
    /// Calls that ran are in `ran` afterwards, and share this result. When it fails before all that
    /// waited have run, the rest is left for the next transaction.
    fn transact(
        &mut self,
        waiting: &mut VecDeque<Box<dyn Call>>,
        ran: &mut Vec<Ran>,
    ) -> Result<(), Error> {
        self.queue.take(self.batch_size - waiting.len(), waiting);
        if let Err(source) = self.execute(BEGIN) {
            // Most often another process holds the lock. All that wait are told now: were each batch
            // to wait for the lock in turn, the last would wait many times as long as it may.
            self.queue.take(usize::MAX, waiting);
            ran.extend(waiting.drain(..).map(|call| (call, Effect::Undo)));
            return Err(Kind::Commit { source }.into());
        }
        while let Some(mut call) = waiting.pop_front() {
            let stepped = self.step(call.as_mut());
            let lost = self.conn.is_autocommit();
            ran.push((call, *stepped.as_ref().unwrap_or(&Effect::Undo)));
            if lost {
                // SQLite rolls back by itself when the disk is full or fails.
                return Err(Kind::EndedTransaction.into());
            }
            if let Err(source) = stepped {
                return self.abandon(source);
            }
            if waiting.is_empty() {
                self.queue.take(self.batch_size - ran.len(), waiting);
            }
        }
        let begun = Instant::now();
        if let Err(source) = self.execute(COMMIT) {
            return self.abandon(source);
        }
        if let Some(readers) = &self.readers {
            readers.committed();
        }
        let mut statistics = lock(&self.statistics);
        statistics.commit_micros.record_micros(begun.elapsed());
        Ok(())
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

    /// Gives up the transaction: the database is as it was before it.
    fn abandon(&self, source: rusqlite::Error) -> Result<(), Error> {
        if !self.conn.is_autocommit()
            && let Err(error) = self.conn.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
        Err(Kind::Commit { source }.into())
    }

    fn answer(&self, ran: &mut Vec<Ran>, committed: &Result<(), Error>) {
        self.count(ran, committed);
        for (call, _) in ran.drain(..) {
            call.answer(committed.clone());
        }
    }

    fn count(&self, ran: &[Ran], committed: &Result<(), Error>) {
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
                tracing::error!(%error, calls, "a transaction was not committed");
                statistics.failed_commits += 1;
                statistics.failed_writes += calls - count(Effect::None);
            }
        }
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.conn.prepare_cached(sql)?.execute([]).map(drop)
    }
}

pub(crate) fn lock(statistics: &Mutex<Statistics>) -> std::sync::MutexGuard<'_, Statistics> {
    // Only numbers are changed under this lock.
    statistics.lock().unwrap_or_else(PoisonError::into_inner)
}
