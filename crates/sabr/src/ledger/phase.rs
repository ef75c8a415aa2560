use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// What a request is doing. At each moment of its life it is in exactly one phase.
///
/// Where several of its parts do something at once (a handler that joins a computation on a pool, say), the
/// first of these that applies counts: inside a poll, on a pool thread, queued, waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// Suspended, and nobody had woken it: the database, another service, a timer, its client.
    Waiting,
    /// On a pool thread, off the CPU, which its code gave up itself: a blocking call that hurts nobody but
    /// its thread.
    WaitingInThread,
    /// On the CPU.
    Computing,
    /// Inside a poll, off the CPU, which its code gave up itself: a blocking call on the event loop.
    Blocked,
    /// Inside a poll or on a pool thread, off the CPU because the machine was busy: never the code's fault.
    Preempted,
    /// Woken and not yet polled, or waiting for a pool thread.
    Queued,
    /// Inside a long poll or on a pool thread, where the platform can't say whether on the CPU or off it.
    Unknown,
}

impl Phase {
    /// Every phase, in the order of declaration.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::WaitingInThread,
        Self::Computing,
        Self::Blocked,
        Self::Preempted,
        Self::Queued,
        Self::Unknown,
    ];

    /// Its name in metrics: `waiting_in_thread`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::WaitingInThread => "waiting_in_thread",
            Self::Computing => "computing",
            Self::Blocked => "blocked",
            Self::Preempted => "preempted",
            Self::Queued => "queued",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How long a request, or many, were in each phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases([u64; Phase::ALL.len()]);

impl Phases {
    /// How long in `phase`.
    #[must_use]
    pub fn get(&self, phase: Phase) -> Duration {
        Duration::from_nanos(self.nanos(phase))
    }

    /// All phases together: the time from the beginning to the end.
    #[must_use]
    pub fn total(&self) -> Duration {
        Duration::from_nanos(self.0.iter().sum())
    }

    pub(crate) fn nanos(&self, phase: Phase) -> u64 {
        self.0[phase as usize]
    }

    pub(crate) fn add(&mut self, phase: Phase, nanos: u64) {
        self.0[phase as usize] += nanos;
    }

    pub(crate) fn add_all(&mut self, other: &Self) {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum += more;
        }
    }
}
