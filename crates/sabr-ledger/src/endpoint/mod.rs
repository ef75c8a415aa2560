//! One method and one route.

mod boundaries;
mod kept;
#[cfg(feature = "status-times")]
mod statuses;
mod totals;

use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use parking_lot::{Mutex, MutexGuard};

pub use self::boundaries::DURATION_BOUNDARIES;
#[cfg(feature = "status-times")]
pub use self::statuses::StatusTimes;
use self::totals::Totals;
use crate::ended::Ended;
use crate::format;
use crate::place::{Place, Reason};
use crate::snapshot::{EndpointDetail, EndpointKind, EndpointSnapshot};
use crate::thresholds::Thresholds;
use crate::time::Nanos;
use crate::verdict::{self, Subject};

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
    in_flight: AtomicU64,
    /// The number of further requests to measure exactly. Relaxed: it guards no other memory.
    exact_requests_left: AtomicU32,
    place: OnceLock<ReadPlace>,
    totals: Mutex<Totals>,
}

impl Endpoint {
    pub(crate) fn new(id: u32, method: &'static str, route: Arc<str>, judged: bool) -> Self {
        Self {
            id,
            method,
            route,
            judged,
            in_flight: AtomicU64::new(0),
            exact_requests_left: AtomicU32::new(EXACT_REQUESTS),
            place: OnceLock::new(),
            totals: Mutex::default(),
        }
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

    /// Whether it is one method of one route, and gets verdicts. The two endpoints that a
    /// [`Book`](crate::Book) shares between routes do not.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        self.judged
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

    /// What held up the event loop in its last requests: `blocked for up to 3.0 ms, computed for up
    /// to 12 ms`. `None` if no poll was blocked or computed for as long as the [`Thresholds`]
    /// say.
    #[must_use]
    pub fn slow_polls(&self) -> Option<String> {
        let window = self.lock().window();
        let found = [
            (window.blocked, "blocked", window.blocked_max),
            (window.computing, "computed", window.computing_max),
            (window.unknown, "had polls", window.unknown_max),
        ];
        let found: Vec<_> = found
            .into_iter()
            .filter(|(requests, ..)| *requests > 0)
            .map(|(_, did, max)| format!("{did} for up to {}", format::time(max)))
            .collect();
        (!found.is_empty()).then(|| found.join(", "))
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
            requests: totals.requests(),
            in_flight: self.in_flight.load(Ordering::Relaxed),
            outcomes: totals.outcomes,
            duration: totals.duration.distribution(),
            head: totals.head.distribution(),
            phases: totals.phase_times(),
            waits: totals.wait_times(),
            verdict: verdict::of(&subject, thresholds),
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
        self.exact_requests_left
            .store(EXACT_REQUESTS, Ordering::Relaxed);
    }

    pub(crate) fn begin(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// Stops counting a request that was counted by [`begin`](Self::begin).
    pub(crate) fn exclude(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// A request has ended. Returns whether it is kept.
    pub(crate) fn end(&self, ended: &Ended<'_>, thresholds: &Thresholds) -> bool {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        if ended.had_slow_stretch() {
            self.exact_requests_left
                .store(EXACT_REQUESTS, Ordering::Relaxed);
        } else if self.measures_exactly() {
            self.exact_requests_left.fetch_sub(1, Ordering::Relaxed);
        }
        self.lock().record(ended, thresholds)
    }

    fn lock(&self) -> MutexGuard<'_, Totals> {
        self.totals.lock()
    }
}
