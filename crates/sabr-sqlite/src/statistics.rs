use std::time::Duration;

/// What a database has done since it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Writes that were committed.
    pub writes: u64,
    /// Writes that were not, because their closure failed or panicked, or their commit failed.
    pub failed_writes: u64,
    /// Transactions that were committed.
    pub commits: u64,
    /// Transactions that were not.
    pub failed_commits: u64,
    /// How often the writer panicked and was started again.
    pub restarts: u64,
    /// Calls that were refused because too many waited.
    pub rejected: u64,
    /// Calls that wait for the writer now.
    pub queue_length: usize,
    /// How many may wait for it.
    pub queue_capacity: usize,
    /// How many writes shared a transaction.
    pub batch_sizes: Buckets,
    /// How long commits took, in microseconds: the `COMMIT` alone, which is the wait for the disk.
    pub commit_micros: Buckets,
    /// Reads that were begun.
    pub reads: u64,
    /// Reads that exceeded [`Options::read_budget`](crate::Options::read_budget) in place and ran
    /// again on a thread.
    pub moved_reads: u64,
    /// The present length of the WAL file, in bytes.
    pub wal_bytes: u64,
}

/// How often values of which size were seen: bucket `n` counts those from 2ⁿ to 2ⁿ⁺¹ − 1, the last
/// bucket all that are larger; 0 counts as 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buckets {
    /// The counts.
    pub counts: [u64; 24],
    /// The sum of the values.
    pub sum: u64,
    /// The largest value.
    pub max: u64,
}

impl Buckets {
    /// How many values were seen.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Their mean; 0 when there are none.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a mean needs no more than 52 bits"
    )]
    pub fn mean(&self) -> f64 {
        match self.count() {
            0 => 0.0,
            count => self.sum as f64 / count as f64,
        }
    }

    pub(crate) fn record(&mut self, value: u64) {
        let bucket = value.max(1).ilog2() as usize;
        self.counts[bucket.min(self.counts.len() - 1)] += 1;
        self.sum = self.sum.saturating_add(value);
        self.max = self.max.max(value);
    }

    pub(crate) fn record_micros(&mut self, time: Duration) {
        self.record(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fall_into_the_bucket_of_their_highest_bit() {
        for (value, bucket) in [
            (0, 0),
            (1, 0),
            (2, 1),
            (3, 1),
            (4, 2),
            (255, 7),
            (u64::MAX, 23),
        ] {
            let mut buckets = Buckets::default();
            buckets.record(value);
            assert_eq!(buckets.counts[bucket], 1, "{value}");
            assert_eq!((buckets.count(), buckets.max), (1, value));
        }
    }
}
