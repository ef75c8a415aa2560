//! The end of the change log, read once for all who follow it.

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

/// The most streams at once: each holds a connection, of which the service has 10,000.
const STREAMS_MAX: usize = 1_000;
/// The most events that are kept for those who follow closely. Others read the log for themselves.
const RECENT_MAX: usize = 1_024;
/// The most bytes to a piece, if one event alone is not longer: each client that does not read
/// holds one.
const BYTES_MAX: usize = 64 * 1024;
/// How soon what another process has changed is noticed.
const LOOK_EVERY: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Tail {
    db: Db,
    sabr: Sabr,
    seats: Arc<Semaphore>,
    recent: Mutex<Recent>,
}

/// What was read last, by whoever came first; the others wait for it and then have it, too.
#[derive(Debug)]
struct Recent {
    /// The commits of this process before the last read; `None` if there is more to read.
    commits: Option<u64>,
    read_at: Option<Instant>,
    /// The positions before the first frame and at the last one; `None` before the first read.
    reach: Option<(LogPosition, LogPosition)>,
    /// One frame for each change, empty if the change needs no event.
    frames: VecDeque<(LogPosition, Bytes)>,
}

/// What there is for a client now.
#[derive(Debug)]
pub(super) struct Batch {
    /// Empty if there is nothing.
    pub(super) bytes: Bytes,
    /// Where the client is with them.
    pub(super) position: LogPosition,
    /// Whether there is more at once.
    pub(super) more: bool,
}

/// What is at hand: all that happened after `first`, up to `last`.
#[derive(Clone, Copy, Debug)]
struct Reach {
    first: LogPosition,
    last: LogPosition,
    /// Whether the log goes on.
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

    /// The right to one stream.
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

    /// Waits until there are more than `seen`.
    pub(super) async fn committed_after(&self, seen: u64) {
        self.db.committed_after(seen).await;
    }

    /// Ready when the service is about to end.
    pub(super) fn draining(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(self.sabr.draining())
    }

    /// What happened after `position`, or some of it.
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
    /// Reads what is new, once, and says how far it reaches: those who wait are not to wait for the
    /// end of a log that grows as fast as it is read.
    async fn catch_up(&mut self, db: &Db) -> Result<Reach, StoreError> {
        let fresh = self.read_at.is_some_and(|at| at.elapsed() < LOOK_EVERY);
        if let Some((first, last)) = self.reach
            && fresh
            && self.commits == Some(db.commits())
        {
            let more = false;
            return Ok(Reach { first, last, more });
        }
        // Counted before the read: a change during the read is read again. If this future is
        // dropped during the read, `read_at` makes the next caller read.
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
                // The position exists, because the log only returns changes after a position.
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

    /// The frames after a position in reach; `reset` if another change has that number.
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

    /// As many of these as go into one piece, and where they end.
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

/// Alone, it is not copied: most pieces are one frame, for many clients.
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
