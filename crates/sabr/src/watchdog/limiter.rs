//! How much the watchdog says.

use std::collections::VecDeque;

use super::Polled;

const SECOND_NS: u64 = 1_000_000_000;

/// At most one report of an endpoint in ten seconds, and ten of all in a minute.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    /// When, and of which endpoint; the last minute alone.
    reported: VecDeque<(u64, Polled)>,
    suppressed: u64,
}

impl Limiter {
    const EACH_NS: u64 = 10 * SECOND_NS;
    const ALL_NS: u64 = 60 * SECOND_NS;
    const ALL_MAX: usize = 10;

    /// Whether to report a stall of `endpoint`, and how many were not reported since the last that was.
    pub(super) fn allow(&mut self, now_ns: u64, polled: Polled) -> Option<u64> {
        let within = |at_ns: u64, period_ns| now_ns.saturating_sub(at_ns) < period_ns;
        self.reported
            .retain(|(at_ns, _)| within(*at_ns, Self::ALL_NS));
        let again = |(at_ns, of): &(u64, Polled)| *of == polled && within(*at_ns, Self::EACH_NS);
        if self.reported.len() >= Self::ALL_MAX || self.reported.iter().any(again) {
            self.suppressed += 1;
            return None;
        }
        self.reported.push_back((now_ns, polled));
        Some(std::mem::take(&mut self.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::{Limiter, Polled, SECOND_NS};

    fn allow(limiter: &mut Limiter, now_ns: u64, endpoint: u32) -> Option<u64> {
        limiter.allow(now_ns, Polled::endpoint(endpoint))
    }

    #[test]
    fn one_endpoint_is_reported_every_ten_seconds() {
        let mut limiter = Limiter::default();
        assert_eq!(allow(&mut limiter, 0, 1), Some(0));
        assert_eq!(allow(&mut limiter, SECOND_NS, 1), None);
        assert_eq!(allow(&mut limiter, 10 * SECOND_NS - 1, 1), None);
        assert_eq!(allow(&mut limiter, 10 * SECOND_NS, 1), Some(2));
        assert_eq!(allow(&mut limiter, 11 * SECOND_NS, 2), Some(0));
    }

    #[test]
    fn ten_are_reported_in_a_minute() {
        let mut limiter = Limiter::default();
        let reported =
            (0..25).filter_map(|endpoint| allow(&mut limiter, u64::from(endpoint), endpoint));
        assert_eq!(reported.count(), 10);
        assert_eq!(allow(&mut limiter, 59 * SECOND_NS, 90), None);
        assert_eq!(allow(&mut limiter, 61 * SECOND_NS, 91), Some(16));
        assert!(limiter.reported.len() <= Limiter::ALL_MAX);
    }
}
