use std::time::{Duration, Instant};

use sabr_ledger::{RouteRule, Thresholds};

use crate::clock::Clock;
use crate::config::Config;
use crate::{PoolKind, Sabr};

/// The settings of a [`Sabr`]. Every bound has a default and a defined behaviour when it is
/// reached.
#[derive(Clone, Debug, Default)]
#[must_use = "call `build`"]
pub struct Builder {
    config: Config,
}

impl Builder {
    /// How long shutdown waits for requests in flight and background tasks together. Default: 10 s.
    pub fn grace_period(mut self, period: Duration) -> Self {
        self.config.grace_period = period;
        self
    }

    /// How long a connection may make no progress. Default: 30 s.
    ///
    /// It limits three waits: for the head of a request, for the next request, and for the client
    /// to read an answer. A connection over the limit is closed after 1 to 1.5 times this time.
    /// Over HTTP/2, a stream whose client reads less than 16 KiB in this time is reset, and the
    /// other streams go on.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.config.idle_timeout = timeout;
        self
    }

    /// The most connections that are open at once, at least 1. Default: 10,000.
    ///
    /// At the bound none is accepted until one closes. New ones wait in the operating system's
    /// backlog.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.config.max_connections = connections.max(1);
        self
    }

    /// The most bytes of answers that wait in memory for their clients, over all connections.
    /// Default: 64 MiB.
    ///
    /// When the bound is reached, a streamed answer waits before it produces its next frame. Any
    /// other answer of more than 64 KiB to a safe method becomes a 503. An answer that is larger
    /// than the bound is sent if it is the only one.
    ///
    /// Counts answers over 64 KiB and streamed ones, and over HTTP/2 those over 1 KiB. Does not
    /// count what a body holds before it produces a frame, so a stream should produce its frames
    /// only when it is polled.
    pub fn response_memory(mut self, bytes: usize) -> Self {
        self.config.response_memory = bytes;
        self
    }

    /// The `Retry-After` of a 503, in whole seconds, at least 1. Default: 1 s.
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.config.retry_after = after;
        self
    }

    /// The longest time that one poll of a request or a background task may hold its thread. A
    /// longer poll is reported with its route while it lasts. Zero turns this off. Default: 100 ms.
    pub fn stall_limit(mut self, limit: Duration) -> Self {
        self.config.stall_limit = limit;
        self
    }

    /// The most background tasks that are queued and running together. Above it, `add` returns
    /// [`Overloaded`](crate::Overloaded). Default: 10,000.
    pub fn task_backlog(mut self, tasks: usize) -> Self {
        self.config.task_backlog = tasks;
        self
    }

    /// The most background tasks that run at once, at least 1. Further ones wait. Default: 64.
    pub fn task_concurrency(mut self, tasks: usize) -> Self {
        self.config.task_concurrency = tasks.max(1);
        self
    }

    /// The number of ended background tasks whose state is remembered. Default: 1,024.
    pub fn task_history(mut self, tasks: usize) -> Self {
        self.config.task_history = tasks;
        self
    }

    /// The most threads of a pool, at least 1. [`PoolKind`] has the defaults.
    pub fn threads(mut self, pool: PoolKind, threads: usize) -> Self {
        self.config.pool_sizes[pool as usize].threads = threads.max(1);
        self
    }

    /// The most jobs that wait for a thread of a pool. Above it, work is refused with
    /// [`Overloaded`](crate::Overloaded). [`PoolKind`] has the defaults.
    pub fn queue(mut self, pool: PoolKind, jobs: usize) -> Self {
        self.config.pool_sizes[pool as usize].queue = jobs;
        self
    }

    /// The limits at which the ledger gives a verdict.
    pub fn thresholds(mut self, thresholds: Thresholds) -> Self {
        self.config.thresholds = thresholds;
        self
    }

    /// The most endpoints (methods of routes) that the ledger counts separately. Further ones share
    /// one. Each takes at most about 80 KB. Default: 256.
    pub fn ledger_endpoints(mut self, endpoints: usize) -> Self {
        self.config.ledger_endpoints = endpoints;
        self
    }

    /// Adds a rule for one route of the ledger: to leave it out, to accept a verdict, or to judge
    /// it by limits of its own.
    ///
    /// ```
    /// use sabr::Sabr;
    /// use sabr::ledger::{RouteRule, VerdictKind};
    ///
    /// let report = RouteRule::new("/report");
    /// let sabr = Sabr::builder()
    ///     .ledger_route(RouteRule::new("/healthz").leave_out())
    ///     .ledger_route(report.accept(VerdictKind::NeverWaits, "it will wait once it is cached"))
    ///     .build();
    /// # let _ = sabr;
    /// ```
    pub fn ledger_route(mut self, rule: RouteRule) -> Self {
        self.config.route_rules.push(rule);
        self
    }

    /// Every `one_in`-th run of [`overlap!`](crate::overlap) awaits its futures one after the
    /// other, so that the ledger can compare. Such a run takes as long as the sum of its
    /// futures. Default: 0, which means no run.
    pub fn overlap_trials(mut self, one_in: u64) -> Self {
        self.config.overlap_trials = one_in;
        self
    }

    /// Whether each response has a `Server-Timing` header with the phases up to its head, which
    /// browsers show in their network tab. Default: `false`.
    ///
    /// The header reveals internals to clients. W3C Server Timing, section 7, discusses the risk.
    pub fn server_timing(mut self, on: bool) -> Self {
        self.config.server_timing = on;
        self
    }

    /// Measures with `now` instead of the system's clock. For tests.
    pub fn clock(mut self, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.config.clock = Clock::injected(now);
        self
    }

    /// Builds the `Sabr`. Its threads start when they are first needed.
    #[must_use]
    pub fn build(self) -> Sabr {
        Sabr::new(self.config)
    }
}

impl Sabr {
    /// A builder with all settings at their defaults.
    pub fn builder() -> Builder {
        Builder::default()
    }
}
