mod rule;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use axum::response::{IntoResponse, Response};

#[doc(inline)]
pub use sabr_ledger::{Place, Reason};

use self::rule::{Rule, Start};
use crate::pool::{Panic, Ticket};
use crate::shared::Shared;
use crate::{PoolKind, panic, problem};

/// A look at one sync endpoint, from [`Sabr::endpoints`](crate::Sabr::endpoints).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndpointStats {
    /// The path of the function, as `todo::search`.
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

    /// Where the next call runs, and why.
    pub(crate) fn place(&self) -> (Place, Reason) {
        let stats = self.stats();
        (stats.place, stats.reason)
    }

    /// Makes one call where it belongs, and learns from it.
    ///
    /// Not an `async fn`: its future would have room for the pool, and a call in place would move it.
    pub(crate) fn call(
        self: &Arc<Self>,
        shared: &Shared,
        call: impl FnOnce() -> Response + Send + 'static,
    ) -> Called {
        self.listed.call_once(|| shared.list_endpoint(self));
        let start = || self.lock().start(shared.config.clock.now());
        match self.pinned {
            Some(Place::InPlace) => self.answered(catch_unwind(AssertUnwindSafe(call))),
            Some(Place::Pool) => self.on_pool(shared, call),
            None => match start() {
                Start::InPlace {
                    call: number,
                    watched,
                } => self.answered(self.run_in_place(shared, number, watched, call)),
                Start::Pool => self.on_pool(shared, self.measured(shared, call)),
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

    fn answered(&self, ended: Result<Response, Panic>) -> Called {
        Called::Answered(self.answer(ended))
    }

    fn on_pool(&self, shared: &Shared, call: impl FnOnce() -> Response + Send + 'static) -> Called {
        match shared.pools.get(PoolKind::Endpoint).submit(call) {
            Ok(ticket) => Called::OnPool(ticket),
            Err(overloaded) => Called::Answered(overloaded.into_response()),
        }
    }

    fn run_in_place(
        &self,
        shared: &Shared,
        number: u64,
        watched: bool,
        call: impl FnOnce() -> Response,
    ) -> Result<Response, Panic> {
        let clock = &shared.config.clock;
        let before = watched.then(|| clock.switches()).flatten();
        let answer = catch_unwind(AssertUnwindSafe(call));
        let now = clock.now();
        let preempted =
            || before.is_some_and(|before| before.only_preempted_since(clock.switches()));
        self.lock().ended_in_place(number, now, preempted);
        answer
    }

    /// `call` as the pool runs it: timed there, without the time in the queue.
    fn measured(
        self: &Arc<Self>,
        shared: &Shared,
        call: impl FnOnce() -> Response + Send + 'static,
    ) -> impl FnOnce() -> Response + Send + 'static {
        let (this, clock) = (Arc::clone(self), shared.config.clock.clone());
        move || {
            let began = clock.now();
            let answer = call();
            let now = clock.now();
            let took = now.saturating_duration_since(began);
            this.lock().ended_on_pool(now, took);
            answer
        }
    }

    fn lock(&self) -> MutexGuard<'_, Rule> {
        self.rule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What became of a call.
#[derive(Debug)]
pub(crate) enum Called {
    /// It was made in place, or refused.
    Answered(Response),
    /// A thread will make it; [`Placement::answer`] takes what it ends with.
    OnPool(Ticket<Response>),
}
