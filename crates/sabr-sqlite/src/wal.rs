//! The length of the write-ahead log (WAL).
//!
//! A commit appends to the WAL. A checkpoint copies it into the database. When all of it is copied and
//! no reader uses it, the next commit writes to its beginning again: then the file has its final length.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::Options;
use crate::panic::log;
use crate::readers::Readers;

/// The length at which it is checkpointed: 16 MB of pages of 4 KiB.
const CHECKPOINT_PAGES: u32 = 4_000;
/// The length at which a checkpoint also waits for readers to leave the WAL, and cuts the file. Readers of
/// other processes do not leave by themselves when they overlap.
const TRUNCATE_PAGES: u32 = 2 * CHECKPOINT_PAGES;
/// How long it waits for them, and writes with it. Usually they leave within tens of milliseconds, for no
/// idle view is kept for longer.
const TRUNCATE_TIMEOUT: Duration = Duration::from_millis(250);
/// The time from a checkpoint that a reader was in the way of to the next attempt.
const RETRY_PAUSE: Duration = Duration::from_millis(10);
/// The same for one that waits. A WAL that grows fast does not wait for the time, but is tried again
/// each [`CHECKPOINT_PAGES`]: then the attempts slow the writes down.
const TRUNCATE_PAUSE: Duration = Duration::from_secs(1);
/// A page in the file: 4 KiB, and its header.
const PAGE_BYTES: u32 = 4_120;
/// The file is cut to this length when it is reset after it was longer.
const FILE_BYTES: u32 = CHECKPOINT_PAGES * PAGE_BYTES;

/// Decides when the WAL is checkpointed. Has one user, the writer.
pub(crate) struct Wal {
    /// What is in the WAL since the last checkpoint that was complete, as the last commit found it.
    pages: Arc<AtomicU32>,
    /// The time, and the length, of the next attempt.
    retry: Option<(Instant, u32)>,
    busy_timeout: Duration,
    limit: u64,
}

impl Wal {
    /// Takes the checkpoints of this connection over from SQLite, which makes them inside of a commit:
    /// before its callers are answered, and while readers use views from before it.
    pub(crate) fn watch(conn: &mut Connection, options: &Options) -> rusqlite::Result<Self> {
        let pages = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&pages);
        conn.wal_hook(Some(move |_: &mut _, pages| {
            counted.store(u32::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        }))?;
        conn.pragma_update(None, "journal_size_limit", FILE_BYTES)?;
        Ok(Self {
            pages,
            retry: None,
            busy_timeout: options.busy_timeout,
            limit: options.wal_limit,
        })
    }

    /// Checkpoints the WAL if it is long. Answers when to call this again if it is, but the last attempt
    /// was a moment ago. Ends reads that are in the way when it has reached its limit.
    pub(crate) fn checkpoint(
        &mut self,
        conn: &Connection,
        readers: Option<&Readers>,
    ) -> Option<Duration> {
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < CHECKPOINT_PAGES {
            return None;
        }
        let now = Instant::now();
        if let Some((time, length)) = self.retry
            && now < time
            && pages < length
        {
            return Some(time - now);
        }
        let (checkpointed, pause, length) = if pages < TRUNCATE_PAGES {
            (passive(conn), RETRY_PAUSE, TRUNCATE_PAGES)
        } else {
            let truncated = truncate(conn, self.busy_timeout);
            (truncated, TRUNCATE_PAUSE, pages + CHECKPOINT_PAGES)
        };
        self.retry = Some((Instant::now() + pause, length));
        match checkpointed {
            Ok(true) => {
                self.pages.store(0, Ordering::Relaxed);
                // A reader may still keep it from being reset: then not with each commit.
                self.retry = Some((Instant::now() + RETRY_PAUSE, TRUNCATE_PAGES));
            }
            Ok(false) if u64::from(pages) * u64::from(PAGE_BYTES) >= self.limit => {
                if let Some(readers) = readers {
                    readers.end_reads();
                }
            }
            Ok(false) => {}
            Err(error) => {
                let message = "cannot checkpoint the WAL; it grows until that succeeds";
                log(|| tracing::warn!(%error, pages, message));
            }
        }
        None
    }
}

/// Copies what no reader is in the way of; answers whether that was all.
fn passive(conn: &Connection) -> rusqlite::Result<bool> {
    let mut statement = conn.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?;
    statement.query_row([], |row| Ok(row.get::<_, i64>(1)? == row.get::<_, i64>(2)?))
}

/// Copies everything and cuts the file; answers whether readers left in time.
fn truncate(conn: &Connection, busy_timeout: Duration) -> rusqlite::Result<bool> {
    conn.busy_timeout(TRUNCATE_TIMEOUT)?;
    let mut statement = conn.prepare_cached("PRAGMA wal_checkpoint(TRUNCATE)")?;
    let truncated = statement.query_row([], |row| Ok(row.get::<_, i64>(0)? == 0));
    conn.busy_timeout(busy_timeout)?;
    truncated
}

/// 0 for a file that is not there.
pub(crate) fn file_length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}
