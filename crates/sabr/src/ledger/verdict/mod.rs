//! What to make of an endpoint: the rule, and the words.

mod rule;
mod subject;
mod words;

use serde::Serialize;

pub(crate) use self::rule::of;
pub(crate) use self::subject::Subject;
pub(crate) use self::words::show;

/// What the ledger says of one endpoint.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// Which verdict.
    pub kind: VerdictKind,
    /// The verdict in a few words: `blocks the event loop`.
    pub title: &'static str,
    /// How urgent it is.
    pub severity: Severity,
    /// In one sentence, with figures, what was seen: `waits 98 % of its time, and no poll took longer than 0.3 ms`.
    pub finding: String,
    /// In one sentence, what to do about it, naming the function to call; `None` if nothing.
    pub advice: Option<String>,
    /// How many requests it stands on.
    pub sample: u64,
    /// What speaks for it, one fact a line.
    pub evidence: Vec<String>,
    /// What might be worth a look, but is not certain enough for a verdict.
    pub hint: Option<String>,
}

/// The verdicts there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VerdictKind {
    /// It waits, and its polls are short.
    AsyncFits,
    /// An async handler blocks its thread inside a poll.
    BlocksEventLoop,
    /// An async handler computes for long inside a poll.
    ComputesOnEventLoop,
    /// An async handler is never suspended.
    NeverWaits,
    /// A sync endpoint mostly waits, and holds a thread meanwhile.
    WaitsInThread,
    /// A sync endpoint that computes off the event loop, or is short.
    SyncFits,
    /// Waits that look independent run one after the other.
    CouldOverlap,
    /// An async handler has slow polls, and the platform can't say why.
    SlowPolls,
    /// Too few requests.
    TooEarly,
}

/// How urgent a verdict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing can be said yet.
    Open,
    /// As it should be.
    Good,
    /// It could be simpler or faster.
    Advice,
    /// It hurts other requests.
    Problem,
}

impl VerdictKind {
    /// In a few words: `blocks the event loop`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::AsyncFits => "async fits",
            Self::BlocksEventLoop => "blocks the event loop",
            Self::ComputesOnEventLoop => "computes on the event loop",
            Self::NeverWaits => "never waits",
            Self::WaitsInThread => "waits in a thread",
            Self::SyncFits => "sync fits",
            Self::CouldOverlap => "could overlap",
            Self::SlowPolls => "slow polls, cause unknown",
            Self::TooEarly => "too early to say",
        }
    }

    /// How urgent it is.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::TooEarly => Severity::Open,
            Self::AsyncFits | Self::SyncFits => Severity::Good,
            Self::NeverWaits | Self::WaitsInThread | Self::CouldOverlap => Severity::Advice,
            Self::BlocksEventLoop | Self::ComputesOnEventLoop | Self::SlowPolls => {
                Severity::Problem
            }
        }
    }
}
