//! The verdict on an endpoint: which one (`rule`), and its sentences (`words`).

mod busy;
mod rule;
mod subject;
mod words;

use serde::Serialize;

pub(crate) use self::rule::of;
pub(crate) use self::subject::Subject;

/// The conclusion that the ledger draws about one endpoint.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// The verdict.
    pub kind: VerdictKind,
    /// The verdict in a few words: `blocks the event loop`.
    pub title: &'static str,
    /// How urgent it is.
    pub severity: Severity,
    /// What was measured, in one sentence: `waits 98 % of its time, and its longest poll took 0.3
    /// ms`.
    pub finding: String,
    /// What to do about it, in one sentence that names the function to call; `None` if nothing
    /// needs to be done.
    pub advice: Option<String>,
    /// The number of requests that it rests on.
    pub sample: u64,
    /// The facts behind it, one a line.
    pub evidence: Vec<String>,
    /// A finding that is not certain enough for a verdict.
    pub hint: Option<String>,
    /// Why the program [accepts](crate::RouteRule::accept) it. Its severity is then good.
    pub accepted: Option<String>,
}

impl Verdict {
    pub(crate) fn accepted_because(mut self, reason: &str) -> Self {
        self.severity = Severity::Good;
        self.advice = None;
        self.accepted = Some(reason.to_owned());
        self
    }
}

/// All verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VerdictKind {
    /// An async handler that waits, and whose polls are short.
    AsyncFits,
    /// A handler makes blocking calls inside a poll.
    BlocksEventLoop,
    /// A handler computes for a long time inside a poll.
    ComputesOnEventLoop,
    /// An async handler is never suspended.
    NeverWaits,
    /// A sync endpoint mostly waits, and occupies a thread meanwhile.
    WaitsInThread,
    /// A sync endpoint that computes off the event loop, or is short.
    SyncFits,
    /// Waits that are independent run one after the other.
    CouldOverlap,
    /// A handler has slow polls, and the platform does not tell computing from blocking.
    SlowPolls,
    /// Too few requests for a verdict, or an endpoint that is not judged.
    TooEarly,
}

/// How urgent a verdict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// There is no verdict yet.
    Open,
    /// Nothing needs to be done.
    Good,
    /// It could be simpler or faster.
    Advice,
    /// It hurts other requests.
    Problem,
}

impl VerdictKind {
    /// The verdict in a few words: `blocks the event loop`.
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

    /// How urgent the verdict is.
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
