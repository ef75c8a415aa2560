//! Where the calls of a sync endpoint run: on the pool, or in place on the event loop.

mod rule;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use axum::response::Response;
use futures_util::FutureExt;
use parking_lot::{Mutex, MutexGuard};
use tokio::task::unconstrained;

#[doc(inline)]
pub use sabr_ledger::{Place, Reason};

use self::rule::{Rule, Start};
use crate::clock::Clock;
use crate::pool::Panic;
use crate::{panic, problem};

/// The state of one sync endpoint, from [`Sabr::endpoints`](crate::Sabr::endpoints).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndpointStats {
    /// The path of the function: `todo::search`.
    pub name: &'static str,
    /// Where the next call runs.
    pub place: Place,
    /// Why it runs there.
    pub reason: Reason,
    /// How often it was moved to the event loop.
    pub promotions: u64,
    /// How often it was moved back to the pool.
    pub demotions: u64,
}

/// Where one endpoint runs, shared by all its clones.
#[derive(Debug)]
pub(crate) struct Placement {
    name: &'static str,
    pinned: Option<Place>,
    rule: Mutex<Rule>,
    listed: Once,
}

impl Placement {
    pub(crate) fn new(name: &'static str, pinned: Option<Place>) -> Self {
        Self {
            name,
            pinned,
            rule: Mutex::new(Rule::new()),
            listed: Once::new(),
        }
    }

    pub(crate) fn stats(&self) -> EndpointStats {
        let rule = self.lock();
        EndpointStats {
            name: self.name,
            place: self.pinned.unwrap_or(rule.place),
            reason: self.pinned.map_or(rule.reason, |_| Reason::Pinned),
            promotions: rule.promotions,
            demotions: rule.demotions,
        }
    }

    /// Calls `list` once: at the first call of this method.
    pub(crate) fn list_once(self: &Arc<Self>, list: impl FnOnce(&Arc<Self>)) {
        self.listed.call_once(|| list(self));
    }

    /// Where the next call runs, and why.
    pub(crate) fn place(&self) -> (Place, Reason) {
        let stats = self.stats();
        (stats.place, stats.reason)
    }

    pub(crate) fn is_pinned_in_place(&self) -> bool {
        self.pinned == Some(Place::InPlace)
    }

    /// Wraps a call for a thread of the pool. Its duration decides about the place of later calls.
    pub(crate) fn for_pool<C>(self: &Arc<Self>, clock: &Clock, call: C) -> PoolCall<C> {
        let measured = self.pinned.is_none();
        PoolCall {
            call,
            measured: measured.then(|| (Arc::clone(self), clock.clone())),
        }
    }

    /// Makes one call in place, or returns it for a thread of the pool. Its duration decides about
    /// the place of later calls.
    pub(crate) fn call<C>(self: &Arc<Self>, clock: &Clock, call: C) -> Called<C>
    where
        C: FnOnce() -> Response + Send + 'static,
    {
        let began = clock.now();
        // Why not inside the `match`: the lock would be held during the call.
        let start = || self.lock().start(began);
        let answered = |ended| self.answered(clock, began, ended);
        match self.pinned {
            Some(Place::InPlace) => {
                answered(catch_unwind(AssertUnwindSafe(|| without_budget(call))))
            }
            Some(Place::Pool) => Called::ForPool(self.for_pool(clock, call)),
            None => match start() {
                Start::InPlace {
                    call: number,
                    watched,
                } => answered(self.run_in_place(clock, number, watched, call)),
                Start::Pool => Called::ForPool(self.for_pool(clock, call)),
            },
        }
    }

    /// A panic is logged, and answered with 500.
    pub(crate) fn answer(&self, ended: Result<Response, Panic>) -> Response {
        ended.unwrap_or_else(|payload| {
            let message = panic::message(&*payload);
            tracing::error!(endpoint = self.name, message, "sync endpoint panicked");
            problem::panicked()
        })
    }

    fn answered<C>(
        &self,
        clock: &Clock,
        began: Instant,
        ended: Result<Response, Panic>,
    ) -> Called<C> {
        let took = clock.now().saturating_duration_since(began);
        Called::Answered(self.answer(ended), took)
    }

    fn run_in_place(
        &self,
        clock: &Clock,
        number: u64,
        watched: bool,
        call: impl FnOnce() -> Response,
    ) -> Result<Response, Panic> {
        let before = watched.then(|| clock.switches()).flatten();
        let answer = catch_unwind(AssertUnwindSafe(|| without_budget(call)));
        let now = clock.now();
        if answer.is_err() {
            self.lock().panicked_in_place(now);
            let message =
                "a call panicked on the event loop; all calls run on the pool from now on";
            tracing::warn!(endpoint = self.name, message);
            return answer;
        }
        let preempted =
            || before.is_some_and(|before| before.only_preempted_since(clock.switches()));
        self.lock().ended_in_place(number, now, preempted);
        answer
    }

    fn lock(&self) -> MutexGuard<'_, Rule> {
        self.rule.lock()
    }
}

/// Makes the call without tokio's budget for cooperative tasks, as on a thread of the pool. With
/// the budget, the receiver of a channel would appear empty after 128 messages.
fn without_budget(call: impl FnOnce() -> Response) -> Response {
    let mut response = None;
    unconstrained(async { response = Some(call()) }).now_or_never();
    // The block has no await, so it is ready at its first poll.
    response.unwrap_or_else(problem::panicked)
}

/// The result of [`Placement::call`].
#[derive(Debug)]
pub(crate) enum Called<C> {
    /// The call was made in place, and took this long.
    Answered(Response, Duration),
    /// The call is for a thread of the pool. [`Placement::answer`] takes its result.
    ForPool(PoolCall<C>),
}

/// A call for a thread of the pool.
pub(crate) struct PoolCall<C> {
    call: C,
    /// The placement that gets the duration of the call. `None` if the endpoint is pinned.
    measured: Option<(Arc<Placement>, Clock)>,
}

impl<C: FnOnce() -> Response> PoolCall<C> {
    /// Makes the call on this thread.
    pub(crate) fn run(self) -> Response {
        let Some((placement, clock)) = self.measured else {
            return (self.call)();
        };
        let began = clock.now();
        let answer = (self.call)();
        let now = clock.now();
        let took = now.saturating_duration_since(began);
        placement.lock().ended_on_pool(now, took);
        answer
    }
}

impl<C> fmt::Debug for PoolCall<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolCall").finish_non_exhaustive()
    }
}
