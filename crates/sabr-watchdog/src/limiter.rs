//! Bounds the reports of the watchdog.

use std::collections::VecDeque;

const SECOND_NS: u64 = 1_000_000_000;

/// At most one report of the same poll in ten seconds, and ten reports in a minute.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    /// The time and the poll of each report of the last minute.
    reported: VecDeque<(u64, u32)>,
    suppressed: u64,
}

impl Limiter {
    const EACH_NS: u64 = 10 * SECOND_NS;
    const ALL_NS: u64 = 60 * SECOND_NS;
    const ALL_MAX: usize = 10;

    /// Whether to report a stall of `poll`: the number of stalls that were suppressed since the
    /// last report, or `None`.
    pub(crate) fn allow(&mut self, now_ns: u64, poll: u32) -> Option<u64> {
        let within = |at_ns: u64, period_ns| now_ns.saturating_sub(at_ns) < period_ns;
        self.reported
            .retain(|(at_ns, _)| within(*at_ns, Self::ALL_NS));
        let again = |(at_ns, of): &(u64, u32)| *of == poll && within(*at_ns, Self::EACH_NS);
        if self.reported.len() >= Self::ALL_MAX || self.reported.iter().any(again) {
            self.suppressed += 1;
            return None;
        }
        self.reported.push_back((now_ns, poll));
        Some(std::mem::take(&mut self.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::{Limiter, SECOND_NS};

    #[test]
    fn one_poll_is_reported_every_ten_seconds() {
        let mut limiter = Limiter::default();
        assert_eq!(limiter.allow(0, 1), Some(0));
        assert_eq!(limiter.allow(SECOND_NS, 1), None);
        assert_eq!(limiter.allow(10 * SECOND_NS - 1, 1), None);
        assert_eq!(limiter.allow(10 * SECOND_NS, 1), Some(2));
        assert_eq!(limiter.allow(11 * SECOND_NS, 2), Some(0));
    }

    #[test]
    fn ten_are_reported_in_a_minute() {
        let mut limiter = Limiter::default();
        let reported = (0..25).filter_map(|poll| limiter.allow(u64::from(poll), poll));
        assert_eq!(reported.count(), 10);
        assert_eq!(limiter.allow(59 * SECOND_NS, 90), None);
        assert_eq!(limiter.allow(61 * SECOND_NS, 91), Some(16));
        assert!(limiter.reported.len() <= Limiter::ALL_MAX);
    }
}
