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
    pub(super) frames: Vec<Bytes>,
    /// Where the client is with them.
    pub(super) position: i64,
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

    /// What happened after `position`.
    pub(super) async fn after(&self, position: Option<i64>) -> Result<Batch, StoreError> {
        let mut recent = self.recent.lock().await;
        let (first, last) = recent.catch_up(&*self.store).await?;
        match position {
            None => Ok(Batch::reset(last)),
            Some(position) if (first..=last).contains(&position) => {
                Ok(recent.after(position, last))
            }
            Some(position) => {
                drop(recent);
                Ok(match self.store.changes(Some(position)).await? {
                    Changes::Forgotten { last } => Batch::reset(last),
                    Changes::Since { changes, last } => Batch {
                        frames: changes.into_iter().map(frame).collect(),
                        position: last,
                    },
                })
            }
        }
    }
}

impl Recent {
    /// Reads what is new, and says how far it reaches.
    async fn catch_up(&mut self, store: &dyn Store) -> Result<(i64, i64), StoreError> {
        loop {
            let reach = self.reach;
            let fresh = self.read_at.is_some_and(|at| at.elapsed() < LOOK_EVERY);
            if let Some(reach) = reach
                && fresh
                && !self.changed.has_changed().unwrap_or(false)
            {
                return Ok(reach);
            }
            // Before it is read: what changes meanwhile is to be read again.
            self.changed.mark_unchanged();
            let read = store.changes(reach.map(|(_, last)| last)).await;
            let read = read.inspect_err(|_| self.changed.mark_changed())?;
            let whole = self.take(read);
            if whole {
                self.read_at = Some(Instant::now());
            } else {
                self.changed.mark_changed();
            }
        }
    }

    /// Says whether there is nothing more to read.
    fn take(&mut self, read: Changes) -> bool {
        match (read, self.reach) {
            (Changes::Since { changes, last }, Some((first, before))) => {
                self.frames.extend(changes.into_iter().map(numbered));
                let over = self.frames.len().saturating_sub(RECENT_MAX);
                let dropped = self.frames.drain(..over).next_back();
                let first = dropped.map_or(first, |(number, _)| number);
                self.reach = Some((first, last));
                last == before
            }
            (Changes::Since { last, .. } | Changes::Forgotten { last }, _) => {
                self.frames.clear();
                self.reach = Some((last, last));
                true
            }
        }
    }

    fn after(&self, position: i64, last: i64) -> Batch {
        let from = self
            .frames
            .partition_point(|(number, _)| *number <= position);
        let frames = self.frames.range(from..).take(Changes::AT_ONCE as usize);
        let position = frames
            .clone()
            .next_back()
            .map_or(last, |(number, _)| *number);
        Batch {
            frames: frames.map(|(_, frame)| frame.clone()).collect(),
            position,
        }
    }
}

impl Batch {
    fn reset(position: i64) -> Self {
        Self {
            frames: vec![reset(position)],
            position,
        }
    }
}

fn numbered(change: Change) -> (i64, Bytes) {
    (change.number, frame(change))
}
