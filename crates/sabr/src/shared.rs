use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use parking_lot::{Mutex, MutexGuard};
use sabr_ledger::Book;
use sabr_watchdog::{Library, Name, Watchdog};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::backlog::{Limits, Registry};
use crate::config::Config;
use crate::gauges::Gauges;
use crate::overlap_trials::OverlapTrials;
use crate::placement::{EndpointStats, Placement};
use crate::poll_subject::PollSubject;
use crate::pool::Pools;
use crate::report::Work;
use crate::response_budget::ResponseBudget;
use crate::telemetry::Telemetry;

/// Takes the place of the method in the name of a background task's poll.
const BACKGROUND_TASK: &str = "background task";

/// The code of this crate that polls handlers. The stack of a stall ends there.
const LIBRARIES: &[Library] = &[Library {
    module: "sabr::layer::",
    sources: concat!(env!("CARGO_MANIFEST_DIR"), "/src/"),
    folder: "layer/",
}];

/// The state that all clones of one [`Sabr`](crate::Sabr) share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) pools: Pools,
    pub(crate) registry: Registry,
    /// Bounds the number of task lists and concurrent tasks that run at once.
    pub(crate) running_tasks: Semaphore,
    /// Cancelled when shutdown has ended. Stops all background tasks.
    pub(crate) stop: CancellationToken,
    /// Set when shutdown begins. Relaxed: it guards no other memory.
    draining: AtomicBool,
    /// Cancelled when shutdown begins. Futures can await it.
    pub(crate) drain: CancellationToken,
    /// Handlers that run to their end even if their client disconnects.
    pub(crate) finishing: TaskTracker,
    pub(crate) book: Book,
    pub(crate) response_budget: Arc<ResponseBudget>,
    pub(crate) gauges: Gauges,
    pub(crate) trials: OverlapTrials,
    pub(crate) telemetry: Telemetry,
    pub(crate) watchdog: Watchdog,
    pub(crate) built: Instant,
    endpoints: Mutex<Vec<Arc<Placement>>>,
    /// The first runtime that was seen, for requests that end outside of any.
    runtime: OnceLock<Handle>,
}

impl Shared {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            pools: Pools::new(|kind| config.pool_sizes[kind as usize], config.retry_after),
            registry: Registry::new(Limits {
                backlog: config.task_backlog,
                history: config.task_history,
                retry_after: config.retry_after,
            }),
            running_tasks: Semaphore::new(config.task_concurrency),
            stop: CancellationToken::new(),
            draining: AtomicBool::new(false),
            drain: CancellationToken::new(),
            finishing: TaskTracker::new(),
            book: Book::with_rules(config.ledger_endpoints, config.route_rules.clone()),
            response_budget: Arc::new(ResponseBudget::new(config.response_memory)),
            gauges: Gauges::default(),
            trials: OverlapTrials::new(config.overlap_trials),
            telemetry: Telemetry::default(),
            watchdog: Watchdog::new(config.stall_limit).libraries(LIBRARIES),
            built: Instant::now(),
            endpoints: Mutex::default(),
            runtime: OnceLock::new(),
            config,
        }
    }

    /// From now on, requests and tasks that end are written to the shutdown report.
    pub(crate) fn start_draining(&self) {
        self.registry.start_report();
        self.draining.store(true, Ordering::Relaxed);
        self.drain.cancel();
    }

    /// Starts the watchdog, unless a test injects the time.
    pub(crate) fn watch(self: &Arc<Self>) {
        if !self.config.clock.is_injected() {
            self.watchdog.start(|| {
                let shared = Arc::downgrade(self);
                Arc::new(move |bits| {
                    let subject = PollSubject::from_bits(bits);
                    let (kind, name) = shared
                        .upgrade()
                        .map_or_else(Default::default, |shared| shared.name(subject));
                    Name { kind, name }
                })
            });
        }
    }

    /// The method and the route of a request, or the name of a background task.
    fn name(&self, polled: PollSubject) -> (&'static str, String) {
        match polled.endpoint_id() {
            Some(id) => self.book.name(id),
            None => (BACKGROUND_TASK, self.registry.name(polled)),
        }
    }

    /// Remembers the runtime of the caller.
    pub(crate) fn seen_runtime(&self) {
        if self.runtime.get().is_none()
            && let Ok(handle) = Handle::try_current()
        {
            // Lost only to another thread that has just set it.
            let _ = self.runtime.set(handle);
        }
    }

    /// Spawns on the caller's runtime, or on the first one that was seen. Why: a body may be
    /// dropped on a thread without a runtime.
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        match Handle::try_current() {
            Ok(handle) => drop(handle.spawn(future)),
            Err(_) => match self.runtime.get() {
                Some(handle) => drop(handle.spawn(future)),
                None => {
                    tracing::error!("background tasks are lost: no tokio runtime was ever seen")
                }
            },
        }
    }

    /// The number of worker threads of the first runtime that was seen; 0 before.
    pub(crate) fn workers(&self) -> usize {
        let runtime = self.runtime.get();
        runtime.map_or(0, |runtime| runtime.metrics().num_workers())
    }

    pub(crate) fn list_endpoint(&self, endpoint: &Arc<Placement>) {
        self.endpoints_lock().push(Arc::clone(endpoint));
    }

    pub(crate) fn endpoints(&self) -> Vec<EndpointStats> {
        let endpoints = self.endpoints_lock();
        endpoints.iter().map(|endpoint| endpoint.stats()).collect()
    }

    fn endpoints_lock(&self) -> MutexGuard<'_, Vec<Arc<Placement>>> {
        self.endpoints.lock()
    }

    /// Adds a request that ends during shutdown to the report.
    pub(crate) fn request_ended(&self, request: impl fmt::Display) {
        if !self.draining.load(Ordering::Relaxed) {
            return;
        }
        let work = Work::request(request.to_string());
        let cut = self.stop.is_cancelled();
        self.registry.report(|report| {
            if cut {
                report.cancelled.push(work)
            } else {
                report.drained.push(work)
            }
        });
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("config", &self.config)
            .field("pools", &self.pools)
            .field("tasks", &self.registry.stats())
            .finish_non_exhaustive()
    }
}
