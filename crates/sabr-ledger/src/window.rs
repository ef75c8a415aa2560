//! The sums of an endpoint's last requests, which verdicts rest on: those of the last minute or
//! two, and of a longer time while there are few.

use crate::ended::{Ended, RequestOutcome};
use crate::phase::Phases;
use crate::poll_site::PollSite;
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
    /// Where those polls were.
    pub(crate) blocked_at: Sites,
    pub(crate) computing_at: Sites,
    pub(crate) unknown_at: Sites,
    /// Requests whose handler read a body; below, that read it piece by piece.
    pub(crate) read_body: u64,
    pub(crate) read_in_pieces: u64,
    /// Requests of a sync endpoint whose function ran on a thread.
    pub(crate) ran_in_thread: u64,
    pub(crate) in_threads: u64,
    pub(crate) blocked_in_threads: u64,
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

/// The number of requests whose slowest poll was in a certain part of the request. The others were
/// before the head of the response.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sites {
    pub(crate) function: u64,
    pub(crate) body: u64,
}

impl Sites {
    fn add_one(&mut self, site: PollSite, offends: u64) {
        match site {
            PollSite::Head => {}
            PollSite::Function => self.function += offends,
            PollSite::Body => self.body += offends,
        }
    }

    fn add(&mut self, other: Self) {
        self.function += other.function;
        self.body += other.body;
    }

    /// Where most of so many requests had it.
    pub(crate) fn mostly(self, requests: u64) -> PollSite {
        let head = requests.saturating_sub(self.function + self.body);
        if self.body > head.max(self.function) {
            PollSite::Body
        } else if self.function > head {
            PollSite::Function
        } else {
            PollSite::Head
        }
    }
}

/// Sequences of waits of many requests, added up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SequenceSum {
    pub(crate) requests: u64,
    /// Requests in which running the waits concurrently would save at least the thresholds.
    pub(crate) worth: u64,
    /// The time of all waits, one after the other.
    pub(crate) in_turn: u64,
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
        let blocked = over(observed.blocked_in_poll, thresholds.blocked_poll);
        let computing = over(observed.computed_in_poll, thresholds.computing_poll);
        let unknown = over(observed.unknown_in_poll, thresholds.blocked_poll);
        self.blocked += blocked;
        self.computing += computing;
        self.unknown += unknown;
        self.blocked_at.add_one(observed.blocked_site, blocked);
        self.computing_at.add_one(observed.computed_site, computing);
        self.unknown_at.add_one(observed.unknown_site, unknown);
        self.read_body += u64::from(observed.read_body);
        self.read_in_pieces += u64::from(observed.read_in_pieces);
        self.blocked_max = self.blocked_max.max(observed.blocked_in_poll);
        self.computing_max = self.computing_max.max(observed.computed_in_poll);
        self.unknown_max = self.unknown_max.max(observed.unknown_in_poll);
        self.ran_in_thread += u64::from(observed.ran_in_thread);
        self.in_threads += observed.in_threads;
        self.blocked_in_threads += observed.blocked_in_threads;
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
        self.blocked_at.add(other.blocked_at);
        self.computing_at.add(other.computing_at);
        self.unknown_at.add(other.unknown_at);
        self.read_body += other.read_body;
        self.read_in_pieces += other.read_in_pieces;
        self.ran_in_thread += other.ran_in_thread;
        self.in_threads += other.in_threads;
        self.blocked_in_threads += other.blocked_in_threads;
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
        self.in_turn += sequence.in_turn;
        self.longest += sequence.longest;
        self.waits += sequence.waits;
        self.add_pair(sequence.pair, 1);
    }

    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.worth += other.worth;
        self.in_turn += other.in_turn;
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
