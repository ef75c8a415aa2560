use std::time::{Duration, Instant};

use sabr_ledger::Thresholds;

use crate::clock::Clock;
use crate::config::Config;
use crate::{PoolKind, Sabr};

/// The settings of a [`Sabr`]. Every bound has a default, and an answer when it is reached.
#[derive(Clone, Debug, Default)]
#[must_use = "call `build`"]
pub struct Builder {
    config: Config,
}

impl Builder {
    /// How long shutdown waits for requests in flight and for background tasks, together. 10 s.
    pub fn grace_period(mut self, period: Duration) -> Self {
        self.config.grace_period = period;
        self
    }

    /// How long a connection may take to send the head of a request, how long it may stay idle
    /// between two, and how long its client may take nothing of an answer that is there. After
    /// it, and at most half as long again, the connection is closed. Of an HTTP/2 connection, a
    /// stream whose client takes less than 16 KiB in this time is reset, and the others
    /// go on. 30 s.
    pub fn header_read_timeout(mut self, timeout: Duration) -> Self {
        self.config.header_read_timeout = timeout;
        self
    }

    /// How many connections are open at once, at least 1. At the bound none is accepted until one
    /// closes: new ones wait in the operating system's backlog. 10,000.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.config.max_connections = connections.max(1);
        self
    }

    /// The bound of the bytes of answers that wait in memory for their clients to read them, over
    /// all connections. When it is reached, a streamed answer waits before it produces its next
    /// frame. Any other answer of more than 64 KiB to a safe method becomes a 503. An answer that
    /// is larger than the bound is sent if it is the only one. 64 MiB.
    ///
    /// Counts answers over 64 KiB and streamed ones, and over HTTP/2 those over 1 KiB. Does not
    /// count what a body holds before it produces a frame, so a stream should produce its frames
    /// only when it is polled.
    pub fn response_memory(mut self, bytes: usize) -> Self {
        self.config.response_memory = bytes;
        self
    }

    /// What a 503 says in `Retry-After`, in whole seconds, at least 1. 1 s.
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.config.retry_after = after;
        self
    }

    /// How long a request may hold its event loop thread in one poll; one that does longer is
    /// reported, with its route, while it lasts. Zero turns this off. 100 ms.
    pub fn stall_limit(mut self, limit: Duration) -> Self {
        self.config.stall_limit = limit;
        self
    }

    /// How many background tasks may be queued and running together; over it `add` answers
    /// [`Overloaded`](crate::Overloaded). 10,000.
    pub fn task_backlog(mut self, tasks: usize) -> Self {
        self.config.task_backlog = tasks;
        self
    }

    /// How many background tasks run at once, at least 1; others wait for their turn. 64.
    pub fn task_concurrency(mut self, tasks: usize) -> Self {
        self.config.task_concurrency = tasks.max(1);
        self
    }

    /// How many ended background tasks are remembered, for their state to be asked for. 1,024.
    pub fn task_history(mut self, tasks: usize) -> Self {
        self.config.task_history = tasks;
        self
    }

    /// How many threads a pool may have, at least 1. See [`PoolKind`] for the defaults.
    pub fn threads(mut self, pool: PoolKind, threads: usize) -> Self {
        self.config.pool_sizes[pool as usize].threads = threads.max(1);
        self
    }

    /// How many jobs may wait for a thread of a pool; over it work is refused with
    /// [`Overloaded`](crate::Overloaded). See [`PoolKind`] for the defaults.
    pub fn queue(mut self, pool: PoolKind, jobs: usize) -> Self {
        self.config.pool_sizes[pool as usize].queue = jobs;
        self
    }

    /// When the ledger gives which verdict.
    pub fn thresholds(mut self, thresholds: Thresholds) -> Self {
        self.config.thresholds = thresholds;
        self
    }

    /// How many endpoints (methods of routes) the ledger keeps apart; further ones share one. Each
    /// takes up to 60 KB. 256.
    pub fn ledger_endpoints(mut self, endpoints: usize) -> Self {
        self.config.ledger_endpoints = endpoints;
        self
    }

    /// One in so many runs of [`overlap!`](crate::overlap) awaits its futures one after the other,
    /// so that the ledger can say what running them together saves. 0, the default, for none: a
    /// trial costs its request what the others save.
    pub fn overlap_trials(mut self, one_in: u64) -> Self {
        self.config.overlap_trials = one_in;
        self
    }

    /// Whether each response says in `Server-Timing` where its time went, up to its head: browsers
    /// show it in their network tab. It tells clients what goes on inside, so the specification
    /// (W3C Server Timing, section
    /// 7) advises to think about who they are. `false`.
    pub fn server_timing(mut self, on: bool) -> Self {
        self.config.server_timing = on;
        self
    }

    /// Measures with `now` instead of the system's clock: for tests.
    pub fn clock(mut self, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.config.clock = Clock::injected(now);
        self
    }

    /// Builds it. Threads start when they are first needed.
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
