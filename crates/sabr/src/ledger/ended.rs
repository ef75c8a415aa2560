use crate::ledger::clock::Nanos;
use crate::ledger::sequence::Sequence;
use crate::ledger::thread_clock::SLOW;
use crate::ledger::timeline::Timeline;
use crate::ledger::waits::WaitLog;

/// A request that has ended, as its endpoint takes note of it.
#[derive(Debug)]
pub(crate) struct Ended<'a> {
    pub(crate) now: Nanos,
    /// From its head to the last byte of its response, in nanoseconds, as all times here.
    pub(crate) duration: u64,
    /// To the head of its response.
    pub(crate) head: Option<u64>,
    pub(crate) how: How,
    pub(crate) status: Option<u16>,
    pub(crate) timeline: &'a Timeline,
    pub(crate) waits: &'a WaitLog,
    pub(crate) sequence: Option<Sequence>,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Succeeded,
    Refused,
    Failed,
    Panicked,
    Cancelled,
}

impl How {
    pub(crate) fn responded(status: u16) -> Self {
        match status {
            ..400 => Self::Succeeded,
            400..500 => Self::Refused,
            _ => Self::Failed,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
            Self::Cancelled => "cancelled",
        }
    }
}

#[cfg(feature = "prometheus")]
impl How {
    /// What kept it from being answered well.
    pub(crate) fn error(self) -> Option<&'static str> {
        match self {
            Self::Succeeded | Self::Refused => None,
            Self::Failed | Self::Panicked | Self::Cancelled => Some(self.as_str()),
        }
    }
}

impl Ended<'_> {
    /// Code of it ran for so long that it was worth to ask why.
    pub(crate) fn was_slow(&self) -> bool {
        let seen = &self.timeline.seen;
        let longest = seen
            .blocked_in_poll
            .max(seen.computed_in_poll)
            .max(seen.unknown_in_poll)
            .max(seen.in_threads);
        longest >= SLOW
    }
}
