//! The length of the write-ahead log (WAL).
//!
//! A commit appends to the WAL. A checkpoint copies the WAL into the database. When all of it is
//! copied and no reader uses it, the next commit resets it: it writes from the beginning again, and
//! the file stops growing.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::Options;
use crate::panic::log;
use crate::readers::Readers;

/// A WAL of this length is checkpointed: 16 MB in pages of 4 KiB.
const CHECKPOINT_PAGES: u32 = 4_000;
/// At this length a checkpoint also waits for readers to finish, and truncates the file.
/// Overlapping readers of other processes never leave a gap by themselves.
const TRUNCATE_PAGES: u32 = 2 * CHECKPOINT_PAGES;
/// How long a truncating checkpoint waits, and writes with it. Readers usually finish within tens
/// of milliseconds, because idle snapshots are kept no longer.
const TRUNCATE_TIMEOUT: Duration = Duration::from_millis(250);
/// The pause after a checkpoint that a reader prevented. A fast-growing WAL is tried again after
/// [`RETRY_PAGES`] instead.
const RETRY_PAUSE: Duration = Duration::from_millis(10);
/// 1 MB. Such an attempt copies what was written since the last one.
const RETRY_PAGES: u32 = 250;
/// The pause after a truncating checkpoint that readers prevented. A fast-growing WAL is tried
/// again after each [`CHECKPOINT_PAGES`] instead, so that the attempts slow down the writes.
const TRUNCATE_PAUSE: Duration = Duration::from_secs(1);
/// The length of a frame: a page of 4 KiB, and its header.
const PAGE_BYTES: u32 = 4_120;
/// A longer file is cut to this length when it is reset.
const FILE_BYTES: u32 = CHECKPOINT_PAGES * PAGE_BYTES;

/// Decides when the WAL is checkpointed. Used by the writer only.
pub(crate) struct Wal {
    /// The length of the WAL at the last commit; 0 after a complete checkpoint.
    pages: Arc<AtomicU32>,
    /// The next attempt is made at this time, or at this length.
    retry: Option<(Instant, u32)>,
    limit: u64,
}

impl Wal {
    /// Replaces SQLite's automatic checkpoints, which run within a commit: before its callers are
    /// answered, and while readers still use older snapshots.
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
            limit: options.wal_limit,
        })
    }

    /// Checkpoints a long WAL. Returns when to call this again if the last attempt was too recent.
    /// Ends the reads that prevent a reset when the WAL has reached its limit.
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
            (passive(conn), RETRY_PAUSE, pages + RETRY_PAGES)
        } else {
            let truncated = truncate(conn);
            (truncated, TRUNCATE_PAUSE, pages + CHECKPOINT_PAGES)
        };
        self.retry = Some((Instant::now() + pause, length));
        match checkpointed {
            Ok(true) => {
                self.pages.store(0, Ordering::Relaxed);
                // A reader may still prevent the reset. The pause avoids an attempt after each
                // commit.
                self.retry = Some((Instant::now() + RETRY_PAUSE, pages + RETRY_PAGES));
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

/// Copies the frames that no reader prevents; returns whether that was all.
fn passive(conn: &Connection) -> rusqlite::Result<bool> {
    let mut statement = conn.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?;
    statement.query_row([], |row| Ok(row.get::<_, i64>(1)? == row.get::<_, i64>(2)?))
}

/// Copies all frames and truncates the file; returns whether readers finished in time.
fn truncate(conn: &Connection) -> rusqlite::Result<bool> {
    conn.busy_timeout(TRUNCATE_TIMEOUT)?;
    conn.prepare_cached("PRAGMA wal_checkpoint(TRUNCATE)")
        .and_then(|mut statement| statement.query_row([], |row| Ok(row.get::<_, i64>(0)? == 0)))
}

/// The length of a file; 0 if it does not exist.
pub(crate) fn file_length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}
