//! The end of the change log, read once for all who follow it.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use sabr::Sabr;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;

use super::frame::{frame, reset};
use crate::domain::{Change, Changes, LogPosition};
use crate::http::App;
use crate::http::problem::Problem;
use crate::store::{Store, StoreError};

/// The most streams at once: each holds a connection, of which the service has 10,000.
const STREAMS_MAX: usize = 1_000;
/// The most events that are kept for those who follow closely. Others read the log for themselves.
const RECENT_MAX: usize = 1_024;
/// The most bytes to a piece, if one event alone is not longer: each client that does not read holds one.
const BYTES_MAX: usize = 64 * 1024;
/// How soon what another process has changed is noticed.
const LOOK_EVERY: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Tail {
    store: Arc<dyn Store>,
    sabr: Sabr,
    seats: Arc<Semaphore>,
    recent: Mutex<Recent>,
}

/// What was read last, by whoever came first; the others wait for it and then have it, too.
#[derive(Debug)]
struct Recent {
    /// Told when there is more to read.
    changed: watch::Receiver<()>,
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
        let mut changed = app.store.changed();
        changed.mark_changed();
        Self {
            store: Arc::clone(&app.store),
            sabr: app.sabr.clone(),
            seats: Arc::new(Semaphore::new(STREAMS_MAX)),
            recent: Mutex::new(Recent {
                changed,
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

    /// Told when it is worth to ask for more.
    pub(super) fn changed(&self) -> watch::Receiver<()> {
        self.store.changed()
    }

    /// Ready when the service is about to end.
    pub(super) fn draining(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(self.sabr.draining())
    }

    /// What happened after `position`, or some of it.
    pub(super) async fn after(&self, position: Option<LogPosition>) -> Result<Batch, StoreError> {
        let mut recent = self.recent.lock().await;
        let reach = recent.catch_up(&*self.store).await?;
        let Some(position) = position else {
            return Ok(Batch::reset(reach.last));
        };
        if (reach.first.number..=reach.last.number).contains(&position.number) {
            return Ok(recent.after(position, reach));
        }
        drop(recent);
        Ok(match self.store.changes(Some(position)).await? {
            Changes::Forgotten { last } => Batch::reset(last),
            Changes::Since { changes, more } => {
                Batch::of(changes.into_iter().map(framed), position, more)
            }
        })
    }
}

impl Recent {
    /// Reads what is new, once, and says how far it reaches: those who wait are not to wait for the end of a log that
    /// grows as fast as it is read.
    async fn catch_up(&mut self, store: &dyn Store) -> Result<Reach, StoreError> {
        let fresh = self.read_at.is_some_and(|at| at.elapsed() < LOOK_EVERY);
        if let Some((first, last)) = self.reach
            && fresh
            && !self.changed.has_changed().unwrap_or(false)
        {
            let more = false;
            return Ok(Reach { first, last, more });
        }
        // Before it is read: what changes meanwhile is to be read again. And if nobody waits for it to the end, all.
        self.changed.mark_unchanged();
        self.read_at = None;
        let read = store.changes(self.reach.map(|(_, last)| last)).await?;
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
