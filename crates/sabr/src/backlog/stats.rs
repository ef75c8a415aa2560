use super::TaskState;

/// The number of background tasks by state, since their [`Sabr`](crate::Sabr) was built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskStats {
    /// Added and not started.
    pub queued: usize,
    /// Started and not ended.
    pub running: usize,
    /// Ended well.
    pub done: u64,
    /// Ended with an error or a panic.
    pub failed: u64,
    /// Not run, because of the outcome of the response.
    pub skipped: u64,
    /// Stopped by shutdown.
    pub cancelled: u64,
    /// Refused because the backlog was full.
    pub rejected: u64,
}

impl TaskStats {
    /// Queued and running tasks together, which the backlog bounds.
    #[must_use]
    pub fn live(&self) -> usize {
        self.queued + self.running
    }

    pub(super) fn count(&mut self, was: &TaskState, is: &TaskState) {
        match was {
            TaskState::Queued => self.queued -= 1,
            _ => self.running -= 1,
        }
        match is {
            TaskState::Failed(_) => self.failed += 1,
            TaskState::Skipped => self.skipped += 1,
            TaskState::Cancelled => self.cancelled += 1,
            _ => self.done += 1,
        }
    }
}
