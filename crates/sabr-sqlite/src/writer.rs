//! The thread that owns the connection that writes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rusqlite::Connection;

use crate::check::Doubt;
use crate::connection::Fence;
use crate::error::Kind;
use crate::file::Files;
use crate::panic::{caught, log};
use crate::queue::Queue;
use crate::readers::Readers;
use crate::write::{Call, Effect};
use crate::{Error, Options, Statistics, check, connection};

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
    pub(crate) statistics: Arc<Mutex<Statistics>>,
    pub(crate) doubt: Arc<Doubt>,
    /// Whether the transaction of the calls that ran is committed.
    pub(crate) committed: bool,
}

/// A call of a batch, and what becomes of what it wrote if the batch is committed.
type Ran = (Box<dyn Call>, Effect);

/// The calls in hand. They outlive a panic of the writer, so that each can be answered.
#[derive(Default)]
struct Hand {
    waiting: VecDeque<Box<dyn Call>>,
    ran: Vec<Ran>,
}

/// Carries out what is queued, until the queue is closed and empty. A panic fails the calls that were
/// in hand or queued, and the writer goes on. Answers with how the database was closed.
pub(crate) fn run(writer: Writer) -> Result<(), Error> {
    let queue = Arc::clone(&writer.queue);
    let mut hand = Hand::default();
    let closed = caught(|| keep_serving(writer, &mut hand)).unwrap_or_else(|message| {
        let restart = None;
        Err(Kind::WriterEnded { message, restart }.into())
    });
    if let Err(error) = &closed {
        // Without effect after an orderly end: then the queue is closed and empty.
        queue.close(error.clone());
        hand.fail(&queue, error);
    }
    closed
}

fn keep_serving(mut writer: Writer, hand: &mut Hand) -> Result<(), Error> {
    loop {
        let Err(message) = caught(|| writer.serve(hand)) else {
            return close(writer.conn);
        };
        log(|| {
            tracing::error!(
                panic = message,
                "the database writer panicked; starting it again"
            )
        });
        let ended = |restart| {
            let message = message.clone();
            Error::from(Kind::WriterEnded { message, restart })
        };
        if writer.committed {
            hand.answer(&Ok(()));
        }
        hand.fail(&writer.queue, &ended(None));
        writer = writer.restart(hand, ended)?;
    }
}

impl Hand {
    /// Answers the calls that ran.
    fn answer(&mut self, committed: &Result<(), Error>) {
        for (call, _) in self.ran.drain(..) {
            answer(call, committed.clone());
        }
    }

    /// Answers all calls with this error, those in the queue too. Why: were a panic to come again and
    /// again, calls that stay in the queue would make the writer start again without end.
    fn fail(&mut self, queue: &Queue, error: &Error) {
        self.answer(&Err(error.clone()));
        queue.take(usize::MAX, &mut self.waiting);
        for call in self.waiting.drain(..) {
            answer(call, Err(error.clone()));
        }
    }
}

impl Writer {
    fn serve(&mut self, hand: &mut Hand) {
        while !hand.waiting.is_empty() || self.queue.wait() {
            let committed = self.transact(&mut hand.waiting, &mut hand.ran);
            self.count(&hand.ran, &committed);
            hand.answer(&committed);
        }
    }

    /// The writer with a connection that can be used. Until there is one, calls are answered with the
    /// reason.
    ///
    /// Fails when the queue is closed before that, and when the database is in memory and its
    /// connection is of no more use.
    fn restart(
        self,
        hand: &mut Hand,
        ended: impl Fn(Option<Error>) -> Error,
    ) -> Result<Self, Error> {
        self.fence.set(false);
        // Why before it is closed: a statement that was never finished keeps a connection open, and
        // with it the lock of its transaction.
        let rolled_back = self.conn.is_autocommit() || self.conn.execute_batch("ROLLBACK").is_ok();
        let Some(files) = &self.files else {
            // The content lives in this one connection.
            if rolled_back {
                lock(&self.statistics).restarts += 1;
                return Ok(self);
            }
            return Err(ended(None));
        };
        // Why kept, where it holds no lock: SQLite deletes the write-ahead log with the last
        // connection.
        let conn = self.conn;
        let old = caught(|| rolled_back.then_some(conn));
        let reopen = || {
            files.check()?;
            connection::writer(&self.options, &self.fence)
        };
        let mut reopened = reopen();
        while let Err(error) = reopened {
            if !self.queue.wait() {
                return Err(ended(Some(error)));
            }
            reopened = reopen();
            if let Err(error) = &reopened {
                hand.fail(&self.queue, &ended(Some(error.clone())));
            }
        }
        let _ = caught(|| drop(old));
        lock(&self.statistics).restarts += 1;
        Ok(Self {
            conn: reopened?,
            ..self
        })
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
        self.committed = false;
        self.queue
            .take(self.options.batch_size - waiting.len(), waiting);
        if let Err(error) = self.begin() {
            // Most often another process holds the lock. All that wait are told now: were each batch
            // to wait for the lock in turn, the last would wait many times as long as it may.
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
                    .take(self.options.batch_size - ran.len(), waiting);
            }
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

    fn begin(&self) -> Result<(), Error> {
        if let Some(files) = &self.files {
            files.check()?;
        }
        self.execute(BEGIN)
            .map_err(|source| Kind::Commit { source }.into())
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

    /// Why SQLite rolled back by itself, which it does when the disk is full or fails. It told the call
    /// that was running, whose error type may hide it; so a small write asks again.
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
                statistics.failed_commits += 1;
                statistics.failed_writes += calls - count(Effect::None);
                drop(statistics);
                self.failed(error, calls);
            }
        }
    }

    fn failed(&self, error: &Error, calls: u64) {
        if !error.is_busy() {
            self.doubt.raise();
        }
        let message = "a transaction was not committed";
        // Why: the callers are told, and neither is a fault of this program.
        if error.is_busy() || error.is_full() {
            log(|| tracing::debug!(%error, calls, message));
        } else {
            log(|| tracing::error!(%error, calls, message));
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

/// Answers a call, which drops it. Both run code of the caller: the drop of a value, a waker.
fn answer(call: Box<dyn Call>, committed: Result<(), Error>) {
    if let Err(message) = caught(|| call.answer(committed)) {
        log(|| tracing::error!(panic = message, "a call panicked while it was answered"));
    }
}

/// Moves the log into the database, and closes the file.
fn close(conn: Connection) -> Result<(), Error> {
    // A log that another process reads stays beside the database; SQLite says so in a row, not by an
    // error, and nothing is lost by it. A lock that another process holds is no different.
    let moved = conn.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);");
    match moved.map_err(Error::from) {
        Err(error) if !error.is_busy() => return Err(error),
        _ => {}
    }
    conn.close().map_err(|(_, error)| error.into())
}

#[cfg(test)]
mod tests;
