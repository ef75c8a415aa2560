use std::time::Duration;

/// When a verdict is given. The defaults are for services on a shared machine.
///
/// ```
/// use std::time::Duration;
/// use sabr::{Sabr, ledger::Thresholds};
///
/// let mut thresholds = Thresholds::default();
/// thresholds.blocked_poll = Duration::from_micros(500);
/// let sabr = Sabr::builder().thresholds(thresholds).build();
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Thresholds {
    /// A poll that was blocked for at least this is held against the handler. 1 ms: so long every other
    /// request of the worker waits, and no scheduler or page fault of a healthy machine is so slow.
    pub blocked_poll: Duration,
    /// In at least this share of the requests: once in a while anybody reads a cold file. 0.01, and three
    /// requests. Five times as many while the machine takes a fifth of the time that the code would have run.
    pub blocked_share: f64,
    /// A poll that computed for at least this is long. 1 ms: ten times what code between two awaits should
    /// take (Alice Ryhl, "Async: What is blocking?", gives 10 to 100 µs).
    pub computing_poll: Duration,
    /// In at least this share of the requests: the first request of a process is slow for many reasons.
    /// 0.05, and three requests.
    pub computing_share: f64,
    /// So many requests before anything good is said of an endpoint. 30.
    pub requests: u64,
    /// So many successful requests without a suspension before it is said never to wait. 100: at 95 %
    /// confidence it then waits in at most 3 % of them (the rule of three).
    pub requests_without_wait: u64,
    /// A sync endpoint that spends at least this share of its time on a thread off the CPU mostly waits. 0.5.
    pub waiting_in_thread_share: f64,
    /// And at least this long on average: below it a thread costs less than the await would. 1 ms.
    pub waiting_in_thread: Duration,
    /// Waits in sequence are worth a word when running them together would save at least this much of the
    /// time of a request, in most requests. 1 ms.
    pub overlap: Duration,
    /// And at least this share of it. 0.1: less is lost in the noise.
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
