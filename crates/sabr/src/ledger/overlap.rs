//! Waits that run together, and what that saves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sabr_ledger::Nanos;

use crate::context;
use crate::layer::Scope;

/// Awaits several futures together and gives their results as a tuple: as long as the longest, not as their
/// sum.
///
/// It is [`tokio::join!`], and can measure what it saves: with
/// [`Builder::overlap_trials`](crate::Builder::overlap_trials) one in so many runs awaits them one after the
/// other, and the ledger compares. Only in an async function; the expressions are written out twice, so let
/// them be short.
///
/// ```
/// # async fn user() -> u32 { 1 }
/// # async fn weather() -> &'static str { "fair" }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (user, weather) = sabr::overlap!(user(), weather());
/// assert_eq!((user, weather), (1, "fair"));
/// # }
/// ```
#[macro_export]
macro_rules! overlap {
    ($($future:expr),+ $(,)?) => {{
        let trial = $crate::__private::Trial::begin();
        let results = if trial.is_apart() {
            ($($future.await,)+)
        } else {
            $crate::__private::join!($($future),+)
        };
        trial.end();
        results
    }};
}

/// One run of [`overlap!`].
#[derive(Debug)]
pub struct Trial(Option<Running>);

#[derive(Debug)]
struct Running {
    scope: Arc<Scope>,
    began: Nanos,
    apart: bool,
}

impl Trial {
    /// Begins, and says how to run.
    #[must_use]
    pub fn begin() -> Self {
        Self(context::current().map(|scope| Running {
            began: scope.now(),
            apart: scope.shared().trials.next_is_apart(),
            scope,
        }))
    }

    /// Whether to run one after the other.
    #[must_use]
    pub fn is_apart(&self) -> bool {
        self.0.as_ref().is_some_and(|running| running.apart)
    }

    /// All have ended.
    pub fn end(self) {
        let Some(Running {
            scope,
            began,
            apart,
        }) = self.0
        else {
            return;
        };
        let took = scope.now().saturating_sub(began);
        if let Some(endpoint) = scope.meter().endpoint() {
            endpoint.record_overlap(took, !apart);
        }
    }
}

/// Says which runs are one after the other: every so many-th.
#[derive(Debug)]
pub(crate) struct Trials {
    one_in: u64,
    runs: AtomicU64,
}

impl Trials {
    /// 0 for none.
    pub(crate) fn new(one_in: u64) -> Self {
        let runs = AtomicU64::new(0);
        Self { one_in, runs }
    }

    fn next_is_apart(&self) -> bool {
        if self.one_in == 0 {
            return false;
        }
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        run % self.one_in == self.one_in - 1
    }
}
