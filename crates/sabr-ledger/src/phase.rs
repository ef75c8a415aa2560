use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// What a request is doing. At each moment a request is in exactly one phase.
///
/// A request may have several parts at once: its handler, and a computation on a pool that the
/// handler waits for. Then the first of these that applies to any part counts: inside a poll, on a
/// pool thread, queued, waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// Suspended and not yet woken. It waits for a database, another service, a timer or its
    /// client.
    Waiting,
    /// On a pool thread, off the CPU, because the code made a blocking call. Only that thread
    /// waits.
    WaitingInThread,
    /// On the CPU. Also every poll of less than 200 µs.
    Computing,
    /// Inside a poll, off the CPU, because the code made a blocking call. The event loop stands
    /// still.
    Blocked,
    /// Inside a poll or on a pool thread, off the CPU because the machine was busy. Not the code's
    /// fault.
    Preempted,
    /// Woken and not yet polled, or waiting for a pool thread.
    Queued,
    /// In a long poll or job, on a platform that does not tell computing from blocking; or in a
    /// poll or job that had not ended when the request ended.
    Unknown,
}

impl Phase {
    /// Every phase, in the order of declaration.
    pub const ALL: &[Self] = &[
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

/// The time in each phase, of one request or of many, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases([u64; Phase::ALL.len()]);

impl Phases {
    /// The time in one phase.
    #[must_use]
    pub fn get(&self, phase: Phase) -> Duration {
        Duration::from_nanos(self.nanos(phase))
    }

    /// The time in all phases together, which is the duration of the request.
    #[must_use]
    pub fn total(&self) -> Duration {
        Duration::from_nanos(self.0.iter().sum())
    }

    /// The time in one phase, in nanoseconds.
    #[must_use]
    pub fn nanos(&self, phase: Phase) -> u64 {
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
