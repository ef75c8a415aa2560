//! The writer's thread: it answers every call, whatever ends a transaction.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use crate::error::Kind;
use crate::panic::{caught, log};
use crate::queue::{Queue, Wake};
use crate::readers::Readers;
use crate::wal::Wal;
use crate::write::Call;
use crate::writer::{Ran, Writer, lock};
use crate::{Error, connection};

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
        while !hand.waiting.is_empty() || self.wait() {
            let committed = self.transact(&mut hand.waiting, &mut hand.ran);
            self.count(&hand.ran, &committed);
            hand.answer(&committed);
        }
    }

    /// As [`wait`]. Checkpoints the WAL when it is long.
    fn wait(&mut self) -> bool {
        let readers = self.readers.as_deref();
        let checkpoint = || self.wal.checkpoint(&self.conn, readers);
        wait(&self.queue, readers, checkpoint)
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
            let mut conn = connection::writer(&self.options, &self.fence)?;
            let wal = Wal::watch(&mut conn, &self.options)?;
            Ok::<_, Error>((conn, wal))
        };
        let mut reopened = reopen();
        while let Err(error) = reopened {
            if !wait(&self.queue, self.readers.as_deref(), || None) {
                return Err(ended(Some(error)));
            }
            reopened = reopen();
            if let Err(error) = &reopened {
                hand.fail(&self.queue, &ended(Some(error.clone())));
            }
        }
        let _ = caught(|| drop(old));
        lock(&self.statistics).restarts += 1;
        let (conn, wal) = reopened?;
        Ok(Self { conn, wal, ..self })
    }
}

/// Waits for a call; `false` when none will come. Ends views that are no longer used. `checkpoint` answers
/// when it wants to be called again.
fn wait(
    queue: &Queue,
    readers: Option<&Readers>,
    mut checkpoint: impl FnMut() -> Option<Duration>,
) -> bool {
    loop {
        let held = readers.and_then(Readers::release_outdated);
        let due = checkpoint();
        // Without an open view and without a checkpoint that is due, sleeps until there is a call.
        match queue.wait(held.into_iter().chain(due).min()) {
            Wake::Call => return true,
            Wake::End => return false,
            Wake::Other => {}
        }
    }
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
