//! The tail of the change log, which all streams share, so that each change is read once.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use sabr::Sabr;
use todo_core::{Change, Changes, LogPosition, StoreError};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::frame::{frame, reset};
use crate::db::Db;
use crate::http::App;
use crate::http::problem::Problem;

/// The largest number of open streams. Each holds one of the 10,000 connections that Sabr accepts.
const STREAMS_MAX: usize = 1_000;
/// How many of the latest events are kept in memory. A stream that is further behind reads the log
/// itself.
const RECENT_MAX: usize = 1_024;
/// The largest number of bytes in one batch, unless a single event is larger. Each stream whose
/// client does not read holds one batch in memory.
const BYTES_MAX: usize = 64 * 1024;
/// How often the log is read without a commit of this process. So changes of other processes are
/// noticed within this time.
const LOOK_EVERY: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Tail {
    db: Db,
    sabr: Sabr,
    seats: Arc<Semaphore>,
    recent: Mutex<Recent>,
}

/// The latest frames. The first stream that needs new ones reads them under the lock. The others
/// wait for the lock, and then find the frames here.
#[derive(Debug)]
struct Recent {
    /// The number of this process's commits before the last read; `None` before the first read.
    commits: Option<u64>,
    /// When the log was last read to its end; `None` if it must be read again.
    read_at: Option<Instant>,
    /// The position before the first frame, and the position of the last frame; `None` before the
    /// first read.
    reach: Option<(LogPosition, LogPosition)>,
    /// One frame for each change. A frame is empty if its change needs no event.
    frames: VecDeque<(LogPosition, Bytes)>,
}

/// The bytes that a client gets next.
#[derive(Debug)]
pub(super) struct Batch {
    /// The events; empty if there are none.
    pub(super) bytes: Bytes,
    /// The client's position after these bytes.
    pub(super) position: LogPosition,
    /// Whether more changes can be read at once.
    pub(super) more: bool,
}

/// The range of the log that is in memory: all changes after `first`, up to and including `last`.
#[derive(Clone, Copy, Debug)]
struct Reach {
    first: LogPosition,
    last: LogPosition,
    /// Whether the log has changes after `last`.
    more: bool,
}

impl Tail {
    pub(super) fn new(app: &App) -> Self {
        Self {
            db: app.db.clone(),
            sabr: app.sabr.clone(),
            seats: Arc::new(Semaphore::new(STREAMS_MAX)),
            recent: Mutex::new(Recent {
                commits: None,
                read_at: None,
                reach: None,
                frames: VecDeque::new(),
            }),
        }
    }

    /// A permit for one stream. An error if [`STREAMS_MAX`] streams are open.
    pub(super) fn take_seat(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.seats).try_acquire_owned().map_err(|_| {
            let detail = format!("{STREAMS_MAX} streams of events are open already");
            Problem::overloaded(detail)
        })
    }

    /// How many writes this process has committed.
    pub(super) fn commits(&self) -> u64 {
        self.db.commits()
    }

    /// Waits until this process has committed more than `seen` writes.
    pub(super) async fn committed_after(&self, seen: u64) {
        self.db.committed_after(seen).await;
    }

    /// Ready when the service begins to shut down.
    pub(super) fn draining(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(self.sabr.draining())
    }

    /// The next changes after `position`. Without a position, a `reset`.
    pub(super) async fn after(&self, position: Option<LogPosition>) -> Result<Batch, StoreError> {
        let mut recent = self.recent.lock().await;
        let reach = recent.catch_up(&self.db).await?;
        let Some(position) = position else {
            return Ok(Batch::reset(reach.last));
        };
        if (reach.first.number..=reach.last.number).contains(&position.number) {
            return Ok(recent.after(position, reach));
        }
        drop(recent);
        Ok(match self.db.changes(Some(position)).await? {
            Changes::Forgotten { last } => Batch::reset(last),
            Changes::Since { changes, more } => {
                Batch::of(changes.into_iter().map(framed), position, more)
            }
        })
    }
}

impl Recent {
    /// Reads new changes, and returns the range that is in memory.
    ///
    /// It reads once, not until the end of the log. Why: other streams wait for the lock, and a log
    /// that grows as fast as it is read has no end.
    async fn catch_up(&mut self, db: &Db) -> Result<Reach, StoreError> {
        let fresh = self.read_at.is_some_and(|at| at.elapsed() < LOOK_EVERY);
        if let Some((first, last)) = self.reach
            && fresh
            && self.commits == Some(db.commits())
        {
            let more = false;
            return Ok(Reach { first, last, more });
        }
        // The count is taken before the read, so that a commit during the read causes another read.
        // `read_at` is cleared before the read, so that the next caller reads if this future is
        // dropped.
        self.commits = Some(db.commits());
        self.read_at = None;
        let read = db.changes(self.reach.map(|(_, last)| last)).await?;
        let reach = self.take(read);
        self.read_at = (!reach.more).then(Instant::now);
        Ok(reach)
    }

    fn take(&mut self, read: Changes) -> Reach {
        let (first, last, more) = match read {
            Changes::Since { changes, more } => {
                // `reach` is set here: without a position, the log answers `Forgotten`.
                let (first, last) = self.reach.unwrap_or_default();
                self.frames.extend(changes.into_iter().map(framed));
                let over = self.frames.len().saturating_sub(RECENT_MAX);
                let dropped = self.frames.drain(..over).next_back();
                let first = dropped.map_or(first, |(position, _)| position);
                let last = self.frames.back().map_or(last, |(position, _)| *position);
                (first, last, more)
            }
            Changes::Forgotten { last } => {
                self.frames.clear();
                (last, last, false)
            }
        };
        self.reach = Some((first, last));
        Reach { first, last, more }
    }

    /// The frames after a position within `reach`. A `reset` if the change with that number has
    /// another tag.
    fn after(&self, position: LogPosition, reach: Reach) -> Batch {
        let from = self
            .frames
            .partition_point(|(at, _)| at.number <= position.number);
        let known = match from.checked_sub(1) {
            Some(at) => self.frames[at].0,
            None => reach.first,
        };
        if known != position {
            return Batch::reset(reach.last);
        }
        Batch::of(self.frames.range(from..).cloned(), position, reach.more)
    }
}

impl Batch {
    fn reset(position: LogPosition) -> Self {
        Self {
            bytes: reset(position),
            position,
            more: false,
        }
    }

    /// Joins frames up to [`BYTES_MAX`] into one batch, with the position at its end.
    fn of(
        frames: impl Iterator<Item = (LogPosition, Bytes)>,
        mut position: LogPosition,
        more: bool,
    ) -> Self {
        let mut frames = frames.peekable();
        let (mut first, mut rest) = (Bytes::new(), Vec::new());
        while let Some((at, frame)) = frames.next_if(|(_, frame)| {
            first.is_empty() || first.len() + rest.len() + frame.len() <= BYTES_MAX
        }) {
            position = at;
            if first.is_empty() {
                first = frame;
            } else {
                rest.extend_from_slice(&frame);
            }
        }
        Self {
            bytes: joined(first, &rest),
            position,
            more: more || frames.peek().is_some(),
        }
    }
}

/// Joins the first frame and the others. A single frame is not copied: most batches are one frame,
/// which many clients share.
fn joined(first: Bytes, rest: &[u8]) -> Bytes {
    if rest.is_empty() {
        first
    } else {
        [&first, rest].concat().into()
    }
}

fn framed(change: Change) -> (LogPosition, Bytes) {
    let bytes = change.event.map(|event| frame(change.position, event));
    (change.position, bytes.unwrap_or_default())
}
