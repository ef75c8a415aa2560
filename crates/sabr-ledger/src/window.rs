//! The sums of an endpoint's last requests, which verdicts rest on: those of the last minute or
//! two, and of a longer time while there are few.

use crate::ended::{Ended, RequestOutcome};
use crate::phase::Phases;
use crate::sequence::Sequence;
use crate::thresholds::Thresholds;
use crate::time::nanos;

/// The sums that a verdict rests on. Times are nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    pub(crate) requests: u64,
    pub(crate) succeeded: u64,
    pub(crate) duration: u64,
    pub(crate) phases: Phases,
    /// Requests that were suspended.
    pub(crate) suspended: u64,
    /// Requests with a labelled wait.
    pub(crate) labelled: u64,
    /// Requests with a job on a pool.
    pub(crate) offloaded: u64,
    /// Requests with a poll that was blocked for at least the threshold.
    pub(crate) blocked: u64,
    /// Requests with a poll that computed for at least the threshold.
    pub(crate) computing: u64,
    /// Requests with a poll that was slow for an unknown reason.
    pub(crate) unknown: u64,
    /// The longest that one poll was blocked; below, that it computed, and that is unexplained.
    pub(crate) blocked_max: u64,
    pub(crate) computing_max: u64,
    pub(crate) unknown_max: u64,
    pub(crate) in_threads: u64,
    pub(crate) preempted_in_threads: u64,
    /// Requests that ended before their job on a pool ended.
    pub(crate) left_jobs: u64,
    /// Sequences whose waits are known to be independent.
    pub(crate) proven: SequenceSum,
    /// Sequences whose waits may depend on each other.
    pub(crate) assumed: SequenceSum,
    /// Runs of `overlap!` with its futures concurrent.
    pub(crate) concurrent: TrialSum,
    /// Runs of `overlap!` with its futures one after the other, to compare.
    pub(crate) sequential: TrialSum,
}

/// Sequences of waits of many requests, added up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SequenceSum {
    pub(crate) requests: u64,
    /// Requests in which running the waits concurrently would save at least the thresholds.
    pub(crate) worth: u64,
    pub(crate) together: u64,
    pub(crate) longest: u64,
    pub(crate) waits: u64,
    /// The two labels of the first sequence, and the times of all sequences with the same two
    /// labels.
    pub(crate) pair: Option<[(&'static str, u64); 2]>,
    /// The number of requests in `pair`.
    pub(crate) pair_requests: u64,
}

/// Runs of `overlap!`, added up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TrialSum {
    pub(crate) count: u64,
    pub(crate) nanos: u64,
}

impl Window {
    /// The requests of a sync endpoint that saw their job end, so that its times are known.
    pub(crate) fn known(&self) -> u64 {
        self.requests - self.left_jobs
    }

    pub(crate) fn record(&mut self, ended: &Ended<'_>, thresholds: &Thresholds) {
        let observed = ended.timeline.observed();
        let over = |time: u64, limit| u64::from(time >= nanos(limit));
        self.requests += 1;
        self.succeeded += u64::from(ended.outcome == RequestOutcome::Succeeded);
        self.duration += ended.duration;
        self.phases.add_all(ended.timeline.phases());
        self.suspended += u64::from(observed.suspended);
        self.labelled += u64::from(!ended.waits.labels().is_empty());
        self.offloaded += u64::from(observed.offloaded);
        self.blocked += over(observed.blocked_in_poll, thresholds.blocked_poll);
        self.computing += over(observed.computed_in_poll, thresholds.computing_poll);
        self.unknown += over(observed.unknown_in_poll, thresholds.blocked_poll);
        self.blocked_max = self.blocked_max.max(observed.blocked_in_poll);
        self.computing_max = self.computing_max.max(observed.computed_in_poll);
        self.unknown_max = self.unknown_max.max(observed.unknown_in_poll);
        self.in_threads += observed.in_threads;
        self.preempted_in_threads += observed.preempted_in_threads;
        self.left_jobs += u64::from(observed.left_job);
        if let Some(sequence) = &ended.sequence {
            let sums = if sequence.proven {
                &mut self.proven
            } else {
                &mut self.assumed
            };
            sums.record(sequence, ended.duration, thresholds);
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
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
        self.concurrent.add(other.concurrent);
        self.sequential.add(other.sequential);
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

impl TrialSum {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.nanos += other.nanos;
    }

    pub(crate) fn mean(self) -> Option<u64> {
        self.nanos.checked_div(self.count)
    }
}
