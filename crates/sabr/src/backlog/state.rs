use std::fmt;

/// Where a background task is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskState {
    /// Added and not started, because its response or an earlier task has not ended.
    Queued,
    /// Started.
    Running,
    /// Ended well.
    Done,
    /// Ended with an error or a panic; the message is for logs, not for clients.
    Failed(String),
    /// Not run, because of the outcome of its response.
    Skipped,
    /// Stopped at its next await when shutdown ended.
    Cancelled,
}

impl TaskState {
    /// Whether this state is final.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// One word, as for a status endpoint: `queued`, `running`, `done`, `failed`, `skipped`,
/// `cancelled`.
impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed(_) => "failed",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
        })
    }
}
