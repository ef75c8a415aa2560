//! The last minute or two of an endpoint, added up: what a verdict is made of.

use super::Thresholds;
use super::clock::nanos;
use super::ended::{Ended, How};
use super::phase::Phases;
use super::sequence::Sequence;

/// What a verdict is made of. Times are nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    pub(crate) requests: u64,
    pub(crate) succeeded: u64,
    pub(crate) duration: u64,
    pub(crate) phases: Phases,
    /// Requests that were suspended; that had a job on a pool; that had a poll over the threshold.
    pub(crate) suspended: u64,
    /// Requests with a labelled wait.
    pub(crate) labelled: u64,
    pub(crate) offloaded: u64,
    pub(crate) blocked: u64,
    pub(crate) computing: u64,
    pub(crate) unknown: u64,
    pub(crate) blocked_max: u64,
    pub(crate) computing_max: u64,
    pub(crate) unknown_max: u64,
    pub(crate) in_threads: u64,
    pub(crate) preempted_in_threads: u64,
    /// Requests that ended before their job on a pool.
    pub(crate) left_jobs: u64,
    pub(crate) proven: SequenceSum,
    pub(crate) assumed: SequenceSum,
    pub(crate) together: Trials,
    pub(crate) apart: Trials,
}

/// Sequences of waits, added up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SequenceSum {
    pub(crate) requests: u64,
    /// Those in which running the waits together would save something that people notice.
    pub(crate) worth: u64,
    pub(crate) together: u64,
    pub(crate) longest: u64,
    pub(crate) waits: u64,
    /// The labels of the first that was seen, and the time of these.
    pub(crate) pair: Option<[(&'static str, u64); 2]>,
    pub(crate) pair_requests: u64,
}

/// Runs of `overlap!`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Trials {
    pub(crate) count: u64,
    pub(crate) nanos: u64,
}

impl Window {
    /// Requests of a sync endpoint of which it is known how they spent their thread.
    pub(crate) fn known(&self) -> u64 {
        self.requests - self.left_jobs
    }

    pub(super) fn record(&mut self, ended: &Ended<'_>, thresholds: &Thresholds) {
        let seen = &ended.timeline.seen;
        let over = |time: u64, limit| u64::from(time >= nanos(limit));
        self.requests += 1;
        self.succeeded += u64::from(ended.how == How::Succeeded);
        self.duration += ended.duration;
        self.phases.add_all(ended.timeline.phases());
        self.suspended += u64::from(seen.suspended);
        self.labelled += u64::from(!ended.waits.labels.is_empty());
        self.offloaded += u64::from(seen.offloaded);
        self.blocked += over(seen.blocked_in_poll, thresholds.blocked_poll);
        self.computing += over(seen.computed_in_poll, thresholds.computing_poll);
        self.unknown += over(seen.unknown_in_poll, thresholds.blocked_poll);
        self.blocked_max = self.blocked_max.max(seen.blocked_in_poll);
        self.computing_max = self.computing_max.max(seen.computed_in_poll);
        self.unknown_max = self.unknown_max.max(seen.unknown_in_poll);
        self.in_threads += seen.in_threads;
        self.preempted_in_threads += seen.preempted_in_threads;
        self.left_jobs += u64::from(seen.left_job);
        if let Some(sequence) = &ended.sequence {
            let sums = if sequence.proven {
                &mut self.proven
            } else {
                &mut self.assumed
            };
            sums.record(sequence, ended.duration, thresholds);
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.succeeded += other.succeeded;
        self.duration += other.duration;
        self.phases.add_all(&other.phases);
        self.suspended += other.suspended;
        self.labelled += other.labelled;
        self.offloaded += other.offloaded;
        self.blocked += other.blocked;
        self.computing += other.computing;
        self.unknown += other.unknown;
        self.blocked_max = self.blocked_max.max(other.blocked_max);
        self.computing_max = self.computing_max.max(other.computing_max);
        self.unknown_max = self.unknown_max.max(other.unknown_max);
        self.in_threads += other.in_threads;
        self.preempted_in_threads += other.preempted_in_threads;
        self.left_jobs += other.left_jobs;
        self.proven.add(&other.proven);
        self.assumed.add(&other.assumed);
        self.together.add(other.together);
        self.apart.add(other.apart);
    }
}

impl SequenceSum {
    fn record(&mut self, sequence: &Sequence, duration: u64, thresholds: &Thresholds) {
        let saving = sequence.saving();
        let share = saving as f64 / duration.max(1) as f64;
        let worth = saving >= nanos(thresholds.overlap) && share >= thresholds.overlap_share;
        self.requests += 1;
        self.worth += u64::from(worth);
        self.together += sequence.together;
        self.longest += sequence.longest;
        self.waits += sequence.waits;
        self.add_pair(sequence.pair, 1);
    }

    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.worth += other.worth;
        self.together += other.together;
        self.longest += other.longest;
        self.waits += other.waits;
        if let Some(pair) = other.pair {
            self.add_pair(pair, other.pair_requests);
        }
    }

    fn add_pair(&mut self, more: [(&'static str, u64); 2], requests: u64) {
        let [(first, first_time), (second, second_time)] =
            self.pair.get_or_insert(more.map(|(label, _)| (label, 0)));
        let [
            (more_first, more_first_time),
            (more_second, more_second_time),
        ] = more;
        if (*first, *second) == (more_first, more_second) {
            *first_time += more_first_time;
            *second_time += more_second_time;
            self.pair_requests += requests;
        }
    }
}

impl Trials {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.nanos += other.nanos;
    }

    pub(crate) fn mean(self) -> Option<u64> {
        self.nanos.checked_div(self.count)
    }
}
