use std::time::Duration;

use sabr_ledger::{RouteRule, Thresholds};

use crate::clock::Clock;
use crate::pool::{PoolKind, PoolSize};

/// The settings of one `Sabr`, which [`Builder`](crate::Builder) describes.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) clock: Clock,
    pub(crate) grace_period: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) max_connections: usize,
    pub(crate) response_memory: usize,
    pub(crate) retry_after: Duration,
    /// Zero turns the watchdog off.
    pub(crate) stall_limit: Duration,
    pub(crate) task_backlog: usize,
    pub(crate) task_concurrency: usize,
    pub(crate) task_history: usize,
    pub(crate) thresholds: Thresholds,
    pub(crate) ledger_endpoints: usize,
    pub(crate) route_rules: Vec<RouteRule>,
    pub(crate) overlap_trials: u64,
    pub(crate) server_timing: bool,
    pub(crate) pool_sizes: [PoolSize; PoolKind::COUNT],
}

impl Config {
    /// The number of threads that sync endpoints run on.
    pub(crate) fn endpoint_threads(&self) -> usize {
        self.pool_sizes[PoolKind::Endpoint as usize].threads
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            clock: Clock::default(),
            grace_period: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(30),
            max_connections: 10_000,
            response_memory: 64 << 20,
            retry_after: Duration::from_secs(1),
            stall_limit: Duration::from_millis(100),
            task_backlog: 10_000,
            task_concurrency: 64,
            task_history: 1024,
            thresholds: Thresholds::default(),
            ledger_endpoints: 256,
            route_rules: Vec::new(),
            overlap_trials: 0,
            server_timing: false,
            pool_sizes: PoolKind::EACH.map(PoolKind::default_size),
        }
    }
}
