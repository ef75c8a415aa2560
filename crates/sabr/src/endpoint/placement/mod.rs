mod rule;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use axum::response::{IntoResponse, Response};

use self::rule::{Rule, Start};
use crate::pool::Panic;
use crate::shared::Shared;
use crate::{PoolKind, panic, problem};

/// Where a sync endpoint runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// On a thread of the endpoint pool.
    Pool,
    /// On the event loop, inside the poll of the request.
    InPlace,
}

/// Why it runs there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// It has not been measured enough.
    New,
    /// It was pinned, by `pooled` or `in_place`.
    Pinned,
    /// 64 calls in a row took at most 50 µs each.
    Short,
    /// A call in place took 500 µs or more.
    Slow,
    /// 16 calls in place in a row took more than 50 µs each.
    NotShort,
}

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

    /// Makes one call where it belongs, and learns from it.
    pub(crate) async fn run(
        self: Arc<Self>,
        shared: &Shared,
        call: impl FnOnce() -> Response + Send + 'static,
    ) -> Response {
        self.listed.call_once(|| shared.list_endpoint(&self));
        let start = || self.lock().start(shared.config.clock.now());
        let answer = match self.pinned {
            Some(Place::InPlace) => catch_unwind(AssertUnwindSafe(call)),
            Some(Place::Pool) => on_pool(shared, call).await,
            None => match start() {
                Start::InPlace {
                    call: number,
                    watched,
                } => self.run_in_place(shared, number, watched, call),
                Start::Pool => on_pool(shared, self.measured(shared, call)).await,
            },
        };
        answer.unwrap_or_else(|payload| {
            let message = panic::message(&*payload);
            tracing::error!(endpoint = self.name, message, "sync endpoint panicked");
            problem::panicked()
        })
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

async fn on_pool(
    shared: &Shared,
    call: impl FnOnce() -> Response + Send + 'static,
) -> Result<Response, Panic> {
    match shared.pools.get(PoolKind::Endpoint).submit(call) {
        Ok(ticket) => ticket.await,
        Err(overloaded) => Ok(overloaded.into_response()),
    }
}
