use std::time::Duration;

/// The limits at which a verdict is given. The defaults are for services on a shared machine.
///
/// ```
/// use std::time::Duration;
/// use sabr_ledger::Thresholds;
///
/// let mut thresholds = Thresholds::default();
/// thresholds.blocked_poll = Duration::from_micros(500);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Thresholds {
    /// A poll that was blocked for at least this long counts against the handler. Default: 1 ms.
    /// Every other request of the worker waits meanwhile. The scheduler and page faults of a
    /// healthy machine take less.
    pub blocked_poll: Duration,
    /// The share of requests that must have such a poll, and at least three of them. Default:
    /// 0.01, because any handler reads a cold file now and then. The share is multiplied by five
    /// on a busy machine, because short sleeps then overrun by milliseconds. A machine is busy if
    /// it ran other threads for more than a fifth of the time in which this code could have run.
    pub blocked_share: f64,
    /// A poll that computed for at least this long counts against the handler. Default: 1 ms, ten
    /// times what code between two awaits should take. Source: Alice Ryhl, "Async: What is
    /// blocking?", gives 10 to 100 µs.
    pub computing_poll: Duration,
    /// The share of requests that must have such a poll, and at least three of them. Default:
    /// 0.05, because the first requests of a process are slow for many reasons.
    pub computing_share: f64,
    /// The number of requests that a good verdict needs. Default: 30.
    pub requests: u64,
    /// The number of successful requests without a suspension that the verdict *never waits*
    /// needs. Default: 100. Then the endpoint waits in at most 3 % of its requests, at 95 %
    /// confidence (the rule of three).
    pub requests_without_wait: u64,
    /// A sync endpoint mostly waits if it is off the CPU for at least this share of its time on a
    /// thread. Default: 0.5.
    pub waiting_in_thread_share: f64,
    /// A sync endpoint mostly waits only if it is also off the CPU for at least this long on
    /// average. Default: 1 ms. Below that, a thread costs less than an await.
    pub waiting_in_thread: Duration,
    /// Waits in sequence are reported if running them concurrently would save at least this much
    /// time in most requests. Default: 1 ms.
    pub overlap: Duration,
    /// They are reported only if that would also save at least this share of the request's time.
    /// Default: 0.1. Less is lost in the noise.
    pub overlap_share: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            blocked_poll: Duration::from_millis(1),
            blocked_share: 0.01,
            computing_poll: Duration::from_millis(1),
            computing_share: 0.05,
            requests: 30,
            requests_without_wait: 100,
            waiting_in_thread_share: 0.5,
            waiting_in_thread: Duration::from_millis(1),
            overlap: Duration::from_millis(1),
            overlap_share: 0.1,
        }
    }
}
