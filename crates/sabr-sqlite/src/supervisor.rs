//! The writer thread. It answers every call, however a transaction ends.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::error::Kind;
use crate::panic::{caught, log};
use crate::queue::{Queue, Wake};
use crate::readers::Readers;
use crate::wal::Wal;
use crate::write::Call;
use crate::writer::{ATTEMPT, Ran, Writer, lock};
use crate::{Error, connection};

/// The calls that the writer has taken. They outlive its panic, so that each can be answered.
#[derive(Default)]
struct Hand {
    waiting: VecDeque<Box<dyn Call>>,
    ran: Vec<Ran>,
}

/// Runs queued calls until the queue is closed and empty. After a panic, the calls that were taken
/// or queued fail, and the writer starts again. Returns how the database was closed.
pub(crate) fn run(writer: Writer) -> Result<(), Error> {
    let queue = Arc::clone(&writer.queue);
    let mut hand = Hand::default();
    let closed = caught(|| keep_serving(writer, &mut hand)).unwrap_or_else(|message| {
        let restart = None;
        Err(Kind::WriterEnded { message, restart }.into())
    });
    if let Err(error) = &closed {
        // After an orderly end this has no effect, because the queue is closed and empty.
        queue.close(error.clone());
        hand.fail(&queue, error);
    }
    closed
}

fn keep_serving(mut writer: Writer, hand: &mut Hand) -> Result<(), Error> {
    loop {
        let Err(message) = caught(|| writer.serve(hand)) else {
            let is_moved = writer.files.is_some_and(|files| files.check().is_err());
            return close(writer.conn, is_moved);
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

    /// Answers all calls with this error, including queued ones. Why: if the panic recurs, calls
    /// left in the queue would restart the writer without end.
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

    /// As the function [`wait`]. Also checkpoints a long WAL.
    fn wait(&mut self) -> bool {
        let readers = self.readers.as_deref();
        let checkpoint = || self.wal.checkpoint(&self.conn, readers);
        wait(&self.queue, readers, checkpoint)
    }

    /// Restarts the writer with a working connection. Until there is one, calls fail with the
    /// reason.
    ///
    /// Fails if the queue is closed before that, or if the database is in memory and its connection
    /// can no longer be used.
    fn restart(
        self,
        hand: &mut Hand,
        ended: impl Fn(Option<Error>) -> Error,
    ) -> Result<Self, Error> {
        self.fence.set(false);
        // Why before the close: an unfinished statement keeps a connection open, and with it the
        // lock of its transaction.
        let rolled_back = self.conn.is_autocommit() || self.conn.execute_batch("ROLLBACK").is_ok();
        let Some(files) = &self.files else {
            // The content lives in this one connection.
            if rolled_back {
                lock(&self.statistics).restarts += 1;
                return Ok(self);
            }
            return Err(ended(None));
        };
        // Why the old connection is kept if it holds no lock: SQLite deletes the WAL when the last
        // connection closes.
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

/// Waits for a call; `false` when none will come. Ends outdated snapshots. `checkpoint` returns
/// when it must be called again.
fn wait(
    queue: &Queue,
    readers: Option<&Readers>,
    mut checkpoint: impl FnMut() -> Option<Duration>,
) -> bool {
    loop {
        let held = readers.and_then(Readers::release_outdated);
        let due = checkpoint();
        // Without an open snapshot or a due checkpoint, sleeps until there is a call.
        match queue.wait(held.into_iter().chain(due).min()) {
            Wake::Call => return true,
            Wake::End => return false,
            Wake::Other => {}
        }
    }
}

/// Answers a call and drops it. Both run code of the caller: a waker, and the drop of a value.
fn answer(call: Box<dyn Call>, committed: Result<(), Error>) {
    if let Err(message) = caught(|| call.answer(committed)) {
        log(|| tracing::error!(panic = message, "a call panicked while it was answered"));
    }
}

/// Checkpoints the WAL, and closes the file.
///
/// If the file was moved or replaced, the WAL is left as it is. Why: a checkpoint would copy it
/// into a file that nobody opens again, and empty it.
fn close(conn: Connection, is_moved: bool) -> Result<(), Error> {
    if is_moved {
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        return conn.close().map_err(|(_, error)| error.into());
    }
    conn.busy_timeout(ATTEMPT)?;
    // If another process reads the WAL, it stays beside the database. SQLite reports that in a row,
    // not as an error, and nothing is lost. Another process's lock is no error here for the same
    // reason.
    let moved = conn.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);");
    match moved.map_err(Error::from) {
        Err(error) if !error.is_busy() => return Err(error),
        _ => {}
    }
    conn.close().map_err(|(_, error)| error.into())
}

#[cfg(test)]
mod tests;
