use crate::sequence::Sequence;
use crate::spent::SLOW_STRETCH;
use crate::time::Nanos;
use crate::timeline::Timeline;
use crate::waits::WaitLog;
use std::time::Duration;

/// A request that has ended, as its endpoint records it. All times are nanoseconds.
#[derive(Debug)]
pub(crate) struct Ended<'a> {
    pub(crate) now: Nanos,
    /// From the head of the request to the end of its response body.
    pub(crate) duration: Nanos,
    /// From the head of the request to the head of its response.
    pub(crate) head: Option<Nanos>,
    pub(crate) outcome: RequestOutcome,
    pub(crate) status: Option<u16>,
    /// Reads the time since 1970. Called only for a request that is kept.
    pub(crate) unix_time: fn() -> Duration,
    pub(crate) timeline: &'a Timeline,
    pub(crate) waits: &'a WaitLog,
    pub(crate) sequence: Option<Sequence>,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestOutcome {
    /// The status is below 400.
    Succeeded,
    /// The status is 400 to 499.
    Refused,
    /// The status is 500 or above, or the body of the response broke off.
    Failed,
    /// The handler or the body of the response panicked.
    Panicked,
    /// The client disconnected before the connection had taken the whole response.
    Cancelled,
}

impl RequestOutcome {
    /// The outcome of a request whose response was delivered with this status.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        match status {
            ..400 => Self::Succeeded,
            400..500 => Self::Refused,
            _ => Self::Failed,
        }
    }

    /// Its name in metrics: `succeeded`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
            Self::Cancelled => "cancelled",
        }
    }

    /// The name of a failed, panicked or cancelled outcome; `None` for the others.
    #[must_use]
    pub fn error(self) -> Option<&'static str> {
        match self {
            Self::Succeeded | Self::Refused => None,
            Self::Failed | Self::Panicked | Self::Cancelled => Some(self.as_str()),
        }
    }
}

impl Ended<'_> {
    /// Whether a poll or a job of the request ran for long enough that its thread's clocks were
    /// read.
    pub(crate) fn had_slow_stretch(&self) -> bool {
        let observed = self.timeline.observed();
        let longest = observed
            .blocked_in_poll
            .max(observed.computed_in_poll)
            .max(observed.unknown_in_poll)
            .max(observed.longest_job);
        longest >= SLOW_STRETCH
    }
}
