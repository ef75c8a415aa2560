//! What is known of one method and route.

#[cfg(any(feature = "opentelemetry", feature = "prometheus"))]
mod boundaries;
mod kept;
#[cfg(feature = "prometheus")]
mod statuses;
mod totals;

use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::Thresholds;
use super::ended::Ended;
use super::snapshot::{EndpointDetail, EndpointKind, EndpointSnapshot};
use super::verdict::{self, Subject};
use super::window::Window;
use crate::{Place, Reason};

#[cfg(any(feature = "opentelemetry", feature = "prometheus"))]
pub(crate) use self::boundaries::BOUNDARIES;
#[cfg(feature = "prometheus")]
pub(crate) use self::statuses::StatusTimes;
pub(crate) use self::totals::Totals;

/// After a slow stretch the next requests are measured without regard to the cost. A new endpoint begins so.
const WATCHED_REQUESTS: u32 = 256;

/// Reads where a sync endpoint runs.
struct ReadPlace(Box<dyn Fn() -> (Place, Reason) + Send + Sync>);

impl fmt::Debug for ReadPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadPlace")
    }
}

/// One method and route. All numbers that belong together are under one lock, taken once a request.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) id: u32,
    pub(crate) method: &'static str,
    pub(crate) route: Arc<str>,
    /// Requests of no route, or of routes over the bound, are counted and not judged.
    judged: bool,
    in_flight: AtomicU64,
    /// Requests yet to be measured exactly. It orders no other memory.
    watched: AtomicU32,
    /// Where a sync endpoint runs now, and why.
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
            watched: AtomicU32::new(WATCHED_REQUESTS),
            place: OnceLock::new(),
            totals: Mutex::default(),
        }
    }

    pub(crate) fn begin(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// A request that has begun is not to be counted.
    pub(crate) fn leave_out(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn was_asked_for(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) > 0 || self.lock().requests() > 0
    }

    #[cfg(any(feature = "opentelemetry", feature = "prometheus"))]
    /// It is one method of one route, and no bucket for others.
    pub(crate) fn is_judged(&self) -> bool {
        self.judged
    }

    /// What verdicts are made of.
    pub(crate) fn window(&self) -> Window {
        self.lock().window()
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.watched.load(Ordering::Relaxed) > 0
    }

    /// It is a sync endpoint. `read` makes what tells where it runs, and is called once.
    pub(crate) fn is_sync<R>(&self, read: impl FnOnce() -> R)
    where
        R: Fn() -> (Place, Reason) + Send + Sync + 'static,
    {
        self.place.get_or_init(|| ReadPlace(Box::new(read())));
    }

    /// A request has ended. Says whether it is kept.
    pub(crate) fn end(&self, ended: &Ended<'_>, thresholds: &Thresholds) -> bool {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        if ended.was_slow() {
            self.watched.store(WATCHED_REQUESTS, Ordering::Relaxed);
        } else if self.is_watched() {
            self.watched.fetch_sub(1, Ordering::Relaxed);
        }
        self.lock().record(ended, thresholds)
    }

    /// Two waits ran together, or, to compare, one after the other.
    pub(crate) fn overlapped(&self, nanos: u64, together: bool) {
        self.lock().overlapped(nanos, together);
    }

    /// `pool_threads` is how many sync endpoints may run at once on the pool.
    pub(crate) fn snapshot(
        &self,
        thresholds: &Thresholds,
        pool_threads: usize,
    ) -> EndpointSnapshot {
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

    pub(crate) fn detail(&self, thresholds: &Thresholds, pool_threads: usize) -> EndpointDetail {
        EndpointDetail {
            endpoint: self.snapshot(thresholds, pool_threads),
            kept: self.lock().kept.requests(),
        }
    }

    #[cfg(feature = "prometheus")]
    pub(crate) fn statuses(&self) -> Vec<StatusTimes> {
        self.lock().statuses.times()
    }

    /// Forgets what has ended.
    pub(crate) fn reset(&self) {
        *self.lock() = Totals::default();
        self.watched.store(WATCHED_REQUESTS, Ordering::Relaxed);
    }

    /// Nothing of ours panics under the lock.
    fn lock(&self) -> MutexGuard<'_, Totals> {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
