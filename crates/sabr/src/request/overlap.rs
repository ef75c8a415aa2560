//! Waits that run concurrently, and how much time that saves.

use std::sync::Arc;

use sabr_ledger::Nanos;

use super::current;
use super::scope::Scope;

/// Awaits several futures concurrently and returns their results as a tuple. It takes as long as
/// the longest of them.
///
/// It works like [`tokio::join!`], and can measure the time that it saves. With
/// [`Builder::overlap_trials`](crate::Builder::overlap_trials), one in a number of runs awaits the
/// futures one after the other, and the ledger compares the times.
///
/// It can be used in async functions only. The expressions are expanded twice, so keep them short.
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
        let results = if trial.is_sequential() {
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
    sequential: bool,
}

impl Trial {
    /// Begins a run.
    #[must_use]
    pub fn begin() -> Self {
        Self(current::current().map(|scope| Running {
            began: scope.now(),
            sequential: scope.shared().trials.next_is_sequential(),
            scope,
        }))
    }

    /// Whether to await the futures one after the other.
    #[must_use]
    pub fn is_sequential(&self) -> bool {
        self.0.as_ref().is_some_and(|running| running.sequential)
    }

    /// All futures have ended.
    pub fn end(self) {
        let Some(Running {
            scope,
            began,
            sequential,
        }) = self.0
        else {
            return;
        };
        let took = scope.now().saturating_sub(began);
        if let Some(endpoint) = scope.meter().endpoint() {
            endpoint.record_overlap(took, !sequential);
        }
    }
}
