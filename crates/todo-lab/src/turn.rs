//! Whose turn it is: one experiment at a time, for two at once would measure each other.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Event, Experiment, Running, Settings, engine};

/// How long to wait for a run that has been cancelled, or is at its end.
const ENDING: Duration = Duration::from_secs(5);

/// How long to wait where nothing says that the run will end: its client may have left, and that is
/// noticed a little later than the next one asks.
const LEAVING: Duration = Duration::from_secs(1);

/// The lab of a process. Cheap to clone: clones are the same.
#[derive(Clone, Debug)]
pub struct Lab(Arc<Room>);

#[derive(Debug)]
struct Room {
    free: Arc<Semaphore>,
    /// Who has the turn will give it back in a moment.
    ending: AtomicBool,
}

/// Why an experiment was not begun.
#[derive(Debug, thiserror::Error)]
pub enum NoTurn {
    /// Another one runs.
    #[error("an experiment runs already, and two at once would measure each other")]
    Busy,
    /// There is no thread to be had.
    #[error("cannot start the thread of an experiment: {0}")]
    Thread(#[from] io::Error),
}

/// An experiment whose turn it is. Dropping it cancels the run.
#[derive(Debug)]
pub struct Turn {
    running: Running,
    lab: Lab,
    ended: bool,
}

impl Lab {
    /// Begins an experiment.
    ///
    /// # Errors
    ///
    /// When another one runs, and when there is no thread to be had.
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
    /// What happened next; `None` after the end.
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

    /// Cancels the run, and waits until nothing of it is left.
    pub async fn cancel(&mut self) {
        self.ends();
        self.running.cancel().await;
    }

    /// Once only: afterwards it may be the turn of another.
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
