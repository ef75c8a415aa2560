//! Lets one experiment run at a time, because two at once would distort each other's measurements.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Event, Experiment, Running, Settings, engine};

/// How long to wait for a run that was cancelled or has ended, until its thread has ended.
const ENDING: Duration = Duration::from_secs(5);

/// How long to wait for any other run. Why: its client may have disconnected, and the service may
/// notice that only after the next client asks.
const LEAVING: Duration = Duration::from_secs(1);

/// The lab of a process. Clones share the lab.
#[derive(Clone, Debug)]
pub struct Lab(Arc<Room>);

#[derive(Debug)]
struct Room {
    free: Arc<Semaphore>,
    /// Whether the present run is about to end.
    ending: AtomicBool,
}

/// Why an experiment could not begin.
#[derive(Debug, thiserror::Error)]
pub enum NoTurn {
    /// Another experiment is running.
    #[error(
        "an experiment is running already, and two at once would distort each other's measurements"
    )]
    Busy,
    /// The thread of the experiment could not be started.
    #[error("cannot start the thread of an experiment: {0}")]
    Thread(#[from] io::Error),
}

/// The experiment that is running in the lab. Dropping it cancels the run.
#[derive(Debug)]
pub struct Turn {
    running: Running,
    lab: Lab,
    ended: bool,
}

impl Lab {
    /// Begins an experiment. Waits for a moment if another run is about to end.
    ///
    /// # Errors
    ///
    /// When another experiment is running, or the thread cannot be started.
    pub async fn begin(&self, experiment: Experiment, settings: Settings) -> Result<Turn, NoTurn> {
        let permit = self.permit().await.ok_or(NoTurn::Busy)?;
        self.0.ending.store(false, Ordering::SeqCst);
        Ok(Turn {
            running: engine::start(experiment, settings, permit)?,
            lab: self.clone(),
            ended: false,
        })
    }

    async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        let free = || Arc::clone(&self.0.free);
        if let Ok(permit) = free().try_acquire_owned() {
            return Some(permit);
        }
        let patience = match self.0.ending.load(Ordering::SeqCst) {
            true => ENDING,
            false => LEAVING,
        };
        tokio::time::timeout(patience, free().acquire_owned())
            .await
            .ok()?
            .ok()
    }
}

impl Default for Lab {
    fn default() -> Self {
        Self(Arc::new(Room {
            free: Arc::new(Semaphore::new(1)),
            ending: AtomicBool::new(false),
        }))
    }
}

impl Turn {
    /// The next event; `None` after the end.
    pub async fn next(&mut self) -> Option<Event> {
        let event = self.running.next().await;
        if matches!(
            event,
            None | Some(Event::Done { .. } | Event::Failed { .. })
        ) {
            self.ends();
        }
        event
    }

    /// Cancels the run, and waits until its thread has ended.
    pub async fn cancel(&mut self) {
        self.ends();
        self.running.cancel().await;
    }

    /// Marks the run as about to end. Only the first call counts, because another experiment may
    /// run afterwards.
    fn ends(&mut self) {
        if !std::mem::replace(&mut self.ended, true) {
            self.lab.0.ending.store(true, Ordering::SeqCst);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.ends();
    }
}
