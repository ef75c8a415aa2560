use std::fmt;
use std::sync::Arc;

use super::page::{Page, Source};
use super::snapshot::{EndpointDetail, EndpointSnapshot, Gauge, PoolSnapshot, Snapshot};
use crate::clock::{tells_blocked_from_busy, unix_time};
use crate::pool::PoolKind;
use crate::shared::Shared;

/// The ledger of one [`Sabr`](crate::Sabr), from [`Sabr::ledger`](crate::Sabr::ledger). Cheap to
/// clone.
#[derive(Clone)]
pub struct Ledger {
    pub(super) shared: Arc<Shared>,
}

impl Ledger {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The present state, without the kept requests.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let shared = &*self.shared;
        Snapshot {
            taken_at_ms: u64::try_from(unix_time().as_millis()).unwrap_or(0),
            uptime: shared.built.elapsed().as_secs_f64(),
            tells_blocked_from_busy: tells_blocked_from_busy(),
            shows_stacks: cfg!(feature = "stacks"),
            workers: shared.workers(),
            endpoints: self.endpoints(),
            pools: PoolKind::EACH.map(|kind| self.pool(kind)).to_vec(),
            tasks: shared.registry.stats().into(),
            gauges: shared.gauges.read(),
            stalls: shared
                .watchdog
                .stalls()
                .into_iter()
                .map(Into::into)
                .collect(),
        }
    }

    /// All endpoints that have received requests, in the order of their first ones.
    #[must_use]
    pub fn endpoints(&self) -> Vec<EndpointSnapshot> {
        let config = &self.shared.config;
        let all = self.shared.book.all().into_iter();
        let with_requests = all.filter(|endpoint| endpoint.has_requests());
        with_requests
            .map(|endpoint| endpoint.snapshot(&config.thresholds, config.endpoint_threads()))
            .collect()
    }

    /// One endpoint with its kept requests; `None` if it has received no request.
    ///
    /// `method` is in capitals, and `route` as the router has it: `/todos/{id}`.
    #[must_use]
    pub fn endpoint(&self, method: &str, route: &str) -> Option<EndpointDetail> {
        let endpoint = self.shared.book.find(method, route)?;
        let config = &self.shared.config;
        endpoint
            .has_requests()
            .then(|| endpoint.detail(&config.thresholds, config.endpoint_threads()))
    }

    /// Shows numbers of the app beside those of the ledger: on the page, in the JSON and in the
    /// metrics.
    ///
    /// `read` is called for each update of the page, each JSON answer and each scrape, so it should
    /// be fast.
    pub fn show(&self, title: &'static str, read: impl Fn() -> Vec<Gauge> + Send + Sync + 'static) {
        self.shared.gauges.add(title, Box::new(read));
    }

    /// The live page: `Router::new().nest("/_sabr", ledger.page().into_router())`.
    ///
    /// Requests to it are not counted.
    #[must_use]
    pub fn page(&self) -> Page {
        let (glance, detail) = (self.clone(), self.clone());
        Page::new(Source {
            snapshot: Arc::new(move || glance.snapshot()),
            endpoint: Arc::new(move |method, route| detail.endpoint(method, route)),
        })
    }

    /// Clears the sums and kept requests of all endpoints, for example between two parts of a test.
    pub fn reset(&self) {
        for endpoint in self.shared.book.all() {
            endpoint.reset();
        }
    }

    pub(super) fn pool(&self, kind: PoolKind) -> PoolSnapshot {
        let stats = self.shared.pools.get(kind).stats();
        PoolSnapshot {
            name: kind.to_string(),
            threads_max: self.shared.config.pool_sizes[kind as usize].threads,
            threads: stats.threads,
            busy: stats.busy,
            queued: stats.queued,
            finished: stats.finished,
            skipped: stats.skipped,
            rejected: stats.rejected,
            queue_time: stats.queue_time.as_secs_f64(),
            queue_time_max: stats.queue_time_max.as_secs_f64(),
        }
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}
