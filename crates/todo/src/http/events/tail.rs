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
use crate::domain::{Change, Changes};
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
    /// The position before the first frame, and that after the last; none before anything was read.
    reach: Option<(i64, i64)>,
    frames: VecDeque<(i64, Bytes)>,
}

/// What there is for a client now.
#[derive(Debug)]
pub(super) struct Batch {
    /// Empty if there is nothing.
    pub(super) bytes: Bytes,
    /// Where the client is with them.
    pub(super) position: i64,
    /// Whether there is more at once.
    pub(super) more: bool,
}

/// What is at hand: all that happened after `first`, up to `last`.
#[derive(Clone, Copy, Debug)]
struct Reach {
    first: i64,
    last: i64,
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
    pub(super) async fn after(&self, position: Option<i64>) -> Result<Batch, StoreError> {
        let mut recent = self.recent.lock().await;
        let Reach { first, last, more } = recent.catch_up(&*self.store).await?;
        match position {
            None => Ok(Batch::reset(last)),
            Some(position) if (first..=last).contains(&position) => {
                Ok(recent.after(position, last, more))
            }
            Some(position) => {
                drop(recent);
                Ok(match self.store.changes(Some(position)).await? {
                    Changes::Forgotten { last } => Batch::reset(last),
                    Changes::Since {
                        changes,
                        last,
                        more,
                    } => Batch::of(changes.into_iter().map(numbered), last, more),
                })
            }
        }
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
        match (read, self.reach) {
            (
                Changes::Since {
                    changes,
                    last,
                    more,
                },
                Some((first, _)),
            ) => {
                self.frames.extend(changes.into_iter().map(numbered));
                let over = self.frames.len().saturating_sub(RECENT_MAX);
                let dropped = self.frames.drain(..over).next_back();
                let first = dropped.map_or(first, |(number, _)| number);
                self.reach = Some((first, last));
                Reach { first, last, more }
            }
            (Changes::Since { last, .. } | Changes::Forgotten { last }, _) => {
                self.frames.clear();
                self.reach = Some((last, last));
                Reach {
                    first: last,
                    last,
                    more: false,
                }
            }
        }
    }

    fn after(&self, position: i64, last: i64, more: bool) -> Batch {
        let from = self
            .frames
            .partition_point(|(number, _)| *number <= position);
        Batch::of(self.frames.range(from..).cloned(), last, more)
    }
}

impl Batch {
    fn reset(position: i64) -> Self {
        Self {
            bytes: reset(position),
            position,
            more: false,
        }
    }

    /// As many of these as go into one piece, and where they end.
    fn of(frames: impl Iterator<Item = (i64, Bytes)>, last: i64, more: bool) -> Self {
        let mut frames = frames.peekable();
        let Some((mut position, first)) = frames.next() else {
            return Self {
                bytes: Bytes::new(),
                position: last,
                more,
            };
        };
        let mut rest = Vec::new();
        while let Some((number, frame)) =
            frames.next_if(|(_, frame)| first.len() + rest.len() + frame.len() <= BYTES_MAX)
        {
            rest.extend_from_slice(&frame);
            position = number;
        }
        let all = frames.peek().is_none();
        Self {
            bytes: joined(first, &rest),
            position: if all { last } else { position },
            more: more || !all,
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

fn numbered(change: Change) -> (i64, Bytes) {
    (change.number, frame(change))
}
