//! Counts of durations in buckets whose width grows with the duration.
//!
//! Why by hand: it is one fixed array, recording cannot fail, and the snapshot shows its buckets.
//! The crate `hdrhistogram` with one significant digit would count as precisely, but refuses values
//! out of its range.

use serde::Serialize;

use crate::time::seconds;

/// How durations are distributed. All times are seconds.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Distribution {
    /// Half were at most this.
    pub p50: f64,
    /// Nine of ten were at most this.
    pub p90: f64,
    /// 99 of 100 were at most this.
    pub p99: f64,
    /// The longest.
    pub max: f64,
    /// The buckets that are not empty, the shortest durations first. The width of each is at most
    /// 6.25 % of its lower end, except for the first (up to 1 µs) and the last (from 73 minutes).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<Bucket>,
}

/// The durations from `from` up to `to`, in seconds.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct Bucket {
    /// The lower end.
    pub from: f64,
    /// The upper end.
    pub to: f64,
    /// The number of durations.
    pub count: u64,
}

/// Sixteen buckets for each doubling, so each is at most 6.25 % of its value wide.
const PER_DOUBLING: u64 = 16;
/// Below 2^10 ns (1 µs) there is one bucket.
const FIRST: u32 = 10;
/// From 2^42 ns (73 minutes) there is one bucket.
const LAST: u32 = 42;
const BUCKETS: usize = ((LAST - FIRST) as u64 * PER_DOUBLING) as usize + 2;

/// Takes 4 KiB, however many durations it counts.
#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    counts: Box<[u64; BUCKETS]>,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: Box::new([0; BUCKETS]),
            max: 0,
        }
    }
}

impl Histogram {
    pub(crate) fn record(&mut self, nanos: u64) {
        self.counts[index(nanos)] += 1;
        self.max = self.max.max(nanos);
    }

    pub(crate) fn distribution(&self) -> Distribution {
        let total: u64 = self.counts.iter().sum();
        let of = |share: f64| seconds(self.quantile(total, share));
        let filled = self.counts.iter().enumerate();
        let bucket = |(at, &count): (usize, &u64)| Bucket {
            from: seconds(lower(at)),
            to: seconds(lower(at + 1).min(self.max.max(1))),
            count,
        };
        Distribution {
            p50: of(0.5),
            p90: of(0.9),
            p99: of(0.99),
            max: seconds(self.max),
            buckets: filled
                .filter(|(_, count)| **count > 0)
                .map(bucket)
                .collect(),
        }
    }

    /// The upper end of the bucket that holds the quantile, but no more than the longest duration.
    fn quantile(&self, total: u64, share: f64) -> u64 {
        let rank = (total as f64 * share).ceil() as u64;
        let mut below = 0;
        for (at, count) in self.counts.iter().enumerate() {
            below += count;
            if below >= rank && below > 0 {
                return lower(at + 1).min(self.max);
            }
        }
        0
    }
}

fn index(nanos: u64) -> usize {
    let exponent = nanos.max(1).ilog2();
    if exponent < FIRST {
        return 0;
    }
    if exponent >= LAST {
        return BUCKETS - 1;
    }
    let within = (nanos >> (exponent - PER_DOUBLING.ilog2())) - PER_DOUBLING;
    (u64::from(exponent - FIRST) * PER_DOUBLING + within) as usize + 1
}

/// The lower end of a bucket.
fn lower(at: usize) -> u64 {
    let Some(at) = (at as u64).checked_sub(1) else {
        return 0;
    };
    let (exponent, within) = (at / PER_DOUBLING, at % PER_DOUBLING);
    let exponent = exponent as u32 + FIRST;
    (PER_DOUBLING + within) << (exponent - PER_DOUBLING.ilog2())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_duration_lies_in_its_bucket(nanos in 0_u64..1 << LAST) {
            let at = index(nanos);
            prop_assert!(lower(at) <= nanos && nanos < lower(at + 1));
        }
    }

    #[test]
    fn bucket_is_narrow() {
        for at in 1..BUCKETS - 1 {
            let width = lower(at + 1) - lower(at);
            assert!(width as f64 / lower(at) as f64 <= 0.0625);
        }
    }

    #[test]
    fn quantiles_of_known_values() {
        let mut histogram = Histogram::default();
        for ms in 1..=100 {
            histogram.record(ms * 1_000_000);
        }
        let found = histogram.distribution();
        let close = |found: f64, expected: f64| (found / expected - 1.0).abs() <= 0.0625;
        assert!(close(found.p50, 0.050), "{}", found.p50);
        assert!(close(found.p99, 0.099), "{}", found.p99);
        assert_eq!(found.max, 0.1);
        let counted: u64 = found.buckets.iter().map(|bucket| bucket.count).sum();
        assert_eq!(counted, 100);
    }

    #[test]
    fn what_is_out_of_range_is_counted_at_the_ends() {
        let mut histogram = Histogram::default();
        histogram.record(0);
        histogram.record(u64::MAX);
        assert_eq!(histogram.distribution().buckets.len(), 2);
    }
}
