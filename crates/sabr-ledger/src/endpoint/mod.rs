//! One method and one route.

mod boundaries;
mod kept;
mod polls_in_flight;
#[cfg(feature = "status-times")]
mod statuses;
mod totals;

use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::{Mutex, MutexGuard};

pub use self::boundaries::DURATION_BOUNDARIES;
use self::polls_in_flight::PollsInFlight;
#[cfg(feature = "status-times")]
pub use self::statuses::StatusTimes;
use self::totals::Totals;
use crate::ended::Ended;
use crate::format;
use crate::place::{Place, Reason};
use crate::route_rule::RouteRule;
use crate::snapshot::{EndpointDetail, EndpointKind, EndpointSnapshot};
use crate::spent::Spent;
use crate::thresholds::Thresholds;
use crate::time::{Nanos, nanos};
use crate::verdict::{self, Subject, Verdict};

/// After a request with a slow stretch, this many requests are measured exactly, whatever it costs.
/// So are the first requests of an endpoint.
const EXACT_REQUESTS: u32 = 256;

/// Reads where a sync endpoint runs.
struct ReadPlace(Box<dyn Fn() -> (Place, Reason) + Send + Sync>);

impl fmt::Debug for ReadPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadPlace")
    }
}

/// One method and one route, with the sums of its requests. From
/// [`Book::endpoint`](crate::Book::endpoint).
///
/// The sums are behind one lock, which is taken once a request.
#[derive(Debug)]
pub struct Endpoint {
    id: u32,
    method: &'static str,
    route: Arc<str>,
    judged: bool,
    has_route: bool,
    rule: Option<RouteRule>,
    in_flight: AtomicU64,
    /// The slowest polls of the requests in flight.
    polls_in_flight: PollsInFlight,
    /// The number of further requests to measure exactly. Relaxed: it guards no other memory.
    exact_requests_left: AtomicU32,
    place: OnceLock<ReadPlace>,
    totals: Mutex<Totals>,
}

impl Endpoint {
    pub(crate) fn new(id: u32, method: &'static str, route: Arc<str>) -> Self {
        Self {
            id,
            method,
            route,
            judged: true,
            has_route: true,
            rule: None,
            in_flight: AtomicU64::new(0),
            polls_in_flight: PollsInFlight::default(),
            exact_requests_left: AtomicU32::new(EXACT_REQUESTS),
            place: OnceLock::new(),
            totals: Mutex::default(),
        }
    }

    pub(crate) fn with_rule(mut self, rule: Option<RouteRule>) -> Self {
        self.rule = rule;
        self
    }

    pub(crate) fn without_route(mut self) -> Self {
        self.has_route = false;
        self
    }

    pub(crate) fn unjudged(mut self) -> Self {
        self.judged = false;
        self
    }

    /// Its number in the [`Book`](crate::Book): small enough for the slot of a thread that the
    /// watchdog reads.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The method: `GET`.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// The route as the router has it: `/todos/{id}`.
    #[must_use]
    pub fn route(&self) -> &Arc<str> {
        &self.route
    }

    /// Whether it is one method of one route. The two endpoints that a [`Book`](crate::Book) shares
    /// are not.
    #[must_use]
    pub fn has_route(&self) -> bool {
        self.has_route
    }

    /// Whether its requests are not counted, by its [`RouteRule`].
    #[must_use]
    pub fn is_left_out(&self) -> bool {
        self.rule.as_ref().is_some_and(|rule| rule.left_out)
    }

    /// Whether it has received a request since it was created or reset.
    #[must_use]
    pub fn has_requests(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) > 0 || self.lock().requests() > 0
    }

    /// Whether the clocks of its threads should be read for each stretch of its code, whatever that
    /// costs. `true` for the first requests, and for some time after a slow stretch.
    #[must_use]
    pub fn measures_exactly(&self) -> bool {
        self.exact_requests_left.load(Ordering::Relaxed) > 0
    }

    /// Declares it a sync endpoint. `reader` is called at most once. The function that it returns
    /// tells where the endpoint runs now, and why.
    pub fn set_sync<R>(&self, reader: impl FnOnce() -> R)
    where
        R: Fn() -> (Place, Reason) + Send + Sync + 'static,
    {
        self.place.get_or_init(|| ReadPlace(Box::new(reader())));
    }

    /// Records one run of several futures that may run concurrently, and whether they did.
    pub fn record_overlap(&self, nanos: Nanos, concurrent: bool) {
        self.lock().record_overlap(nanos, concurrent);
    }

    /// What held up the event loop in its last requests and in those in flight: `blocked for up to
    /// 3.0 ms, computed for up to 12 ms`. `None` if no poll was blocked or computed for as long as
    /// the thresholds say.
    #[must_use]
    pub fn slow_polls(&self, thresholds: &Thresholds) -> Option<String> {
        let thresholds = self.thresholds(thresholds);
        let window = self.lock().window();
        let now = self.polls_in_flight.slowest();
        let (blocked_poll, computing_poll) = (thresholds.blocked_poll, thresholds.computing_poll);
        let found = [
            ("blocked", window.blocked_max.max(now.blocked), blocked_poll),
            (
                "computed",
                window.computing_max.max(now.computing),
                computing_poll,
            ),
            (
                "had polls",
                window.unknown_max.max(now.unknown),
                blocked_poll,
            ),
        ];
        let found: Vec<_> = found
            .into_iter()
            .filter(|(_, max, limit)| *max >= nanos(*limit))
            .map(|(did, max, _)| format!("{did} for up to {}", format::time(max)))
            .collect();
        (!found.is_empty()).then(|| found.join(", "))
    }

    /// The limits by which it is judged.
    fn thresholds<'a>(&'a self, thresholds: &'a Thresholds) -> &'a Thresholds {
        let own = self.rule.as_ref().and_then(|rule| rule.thresholds.as_ref());
        own.unwrap_or(thresholds)
    }

    /// Its sums and its verdict. `pool_threads` is the number of threads that sync endpoints run
    /// on.
    #[must_use]
    pub fn snapshot(&self, thresholds: &Thresholds, pool_threads: usize) -> EndpointSnapshot {
        let totals = self.lock();
        let place = self.place.get().map(|read| read.0());
        let subject = Subject {
            window: totals.window(),
            place,
            pool_threads,
            judged: self.judged,
        };
        EndpointSnapshot {
            method: self.method,
            route: self.route.to_string(),
            kind: match place {
                Some(_) => EndpointKind::Sync,
                None => EndpointKind::Async,
            },
            place: place.map(|(place, _)| match place {
                Place::Pool => "pool",
                Place::InPlace => "in place",
            }),
            place_reason: place.map(|(_, reason)| reason.words()),
            requests: totals.requests(),
            in_flight: self.in_flight.load(Ordering::Relaxed),
            outcomes: totals.outcomes,
            duration: totals.duration.distribution(),
            head: totals.head.distribution(),
            phases: totals.phase_times(),
            waits: totals.wait_times(),
            verdict: self.accept(verdict::of(&subject, self.thresholds(thresholds))),
        }
    }

    fn accept(&self, verdict: Verdict) -> Verdict {
        let accepted = self.rule.iter().flat_map(|rule| &rule.accepted);
        let mut accepted = accepted.filter(|(kind, _)| *kind == verdict.kind);
        match accepted.next() {
            Some((_, reason)) => verdict.accepted_because(reason),
            None => verdict,
        }
    }

    /// The [`snapshot`](Self::snapshot) with the requests that are kept.
    #[must_use]
    pub fn detail(&self, thresholds: &Thresholds, pool_threads: usize) -> EndpointDetail {
        EndpointDetail {
            endpoint: self.snapshot(thresholds, pool_threads),
            kept: self.lock().kept.requests(),
        }
    }

    /// Durations by status.
    #[cfg(feature = "status-times")]
    #[must_use]
    pub fn status_times(&self) -> Vec<StatusTimes> {
        self.lock().statuses.times()
    }

    /// Clears the sums and the kept requests. Requests in flight are counted when they end.
    pub fn reset(&self) {
        *self.lock() = Totals::default();
        self.polls_in_flight.clear();
        self.exact_requests_left
            .store(EXACT_REQUESTS, Ordering::Relaxed);
    }

    pub(crate) fn begin(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// Stops counting a request that was counted by [`begin`](Self::begin).
    pub(crate) fn exclude(&self) {
        self.left();
    }

    /// A poll of a request in flight has ended, and was slow.
    pub(crate) fn saw_slow_poll(&self, spent: Spent) {
        self.polls_in_flight.add(spent);
    }

    fn left(&self) {
        if self.in_flight.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.polls_in_flight.clear();
        }
    }

    /// A request has ended. Returns whether it is kept.
    pub(crate) fn end(&self, ended: &Ended<'_>, thresholds: &Thresholds) -> bool {
        self.left();
        if ended.had_slow_stretch() {
            self.exact_requests_left
                .store(EXACT_REQUESTS, Ordering::Relaxed);
        } else if self.measures_exactly() {
            self.exact_requests_left.fetch_sub(1, Ordering::Relaxed);
        }
        self.lock().record(ended, self.thresholds(thresholds))
    }

    fn lock(&self) -> MutexGuard<'_, Totals> {
        self.totals.lock()
    }
}
