//! The time of one request, split into phases that sum to its duration.
//!
//! A request has parts that run side by side: its future and then its body, tasks that it spawned,
//! and jobs on pools. Each part reports when it starts and stops to run, and when it starts and
//! stops to queue. Between two reports the request is in one phase, so each nanosecond is counted
//! once, however the parts overlap. All times are nanoseconds since the request began.

use crate::phase::{Phase, Phases};
use crate::poll_site::PollSite;
use crate::spent::Spent;
use crate::trace::{IntervalKind, Trace};

/// 100 µs. A connection that asks for the next frame of a response within this time was encoding
/// and writing. A connection that takes longer was waiting for the client.
const CONNECTION_WORK: u64 = 100_000;

#[derive(Debug, Default)]
pub(crate) struct Timeline {
    /// All time up to this point is in `phases`, or in the `time` of `polls` or `jobs`.
    at: u64,
    /// The number of parts that are queued.
    queued: u32,
    polls: ActiveParts,
    jobs: ActiveParts,
    phases: Phases,
    trace: Trace,
    /// The last poll was ready: the connection has something to write.
    handed_over: bool,
    /// The last poll was pending because the body of the request had not arrived.
    reading_body: bool,
    observed: Observed,
}

/// Facts about one request that verdicts rest on. All times are nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Observed {
    pub(crate) polls: u64,
    /// The request was suspended, and waited for something other than its client.
    pub(crate) suspended: bool,
    /// A job of the request ran on a pool.
    pub(crate) offloaded: bool,
    pub(crate) waited_for_client: u64,
    /// The longest time that one poll was blocked; below, that it computed, and that is
    /// unexplained.
    pub(crate) blocked_in_poll: u64,
    pub(crate) computed_in_poll: u64,
    pub(crate) unknown_in_poll: u64,
    /// Where these three polls were.
    pub(crate) blocked_site: PollSite,
    pub(crate) computed_site: PollSite,
    pub(crate) unknown_site: PollSite,
    /// The request had a body, and its handler asked for it.
    pub(crate) read_body: bool,
    /// The handler read the body of the request piece by piece, as far as can be told.
    pub(crate) read_in_pieces: bool,
    /// The longest job on a pool thread.
    pub(crate) longest_job: u64,
    /// The function of a sync endpoint ran on a thread.
    pub(crate) ran_in_thread: bool,
    /// How long it had the thread.
    pub(crate) in_threads: u64,
    /// The part of `in_threads` in which the function was blocked; below, in which the machine ran
    /// other threads.
    pub(crate) blocked_in_threads: u64,
    pub(crate) preempted_in_threads: u64,
    /// The request ended while a job of it was running or queued. How that job spends its time is
    /// not known.
    pub(crate) left_job: bool,
}

impl Observed {
    fn see_poll(&mut self, spent: Spent, site: PollSite) {
        let slowest = [
            (
                &mut self.blocked_in_poll,
                &mut self.blocked_site,
                spent.blocked,
            ),
            (
                &mut self.computed_in_poll,
                &mut self.computed_site,
                spent.computing,
            ),
            (
                &mut self.unknown_in_poll,
                &mut self.unknown_site,
                spent.unknown,
            ),
        ];
        for (longest, longest_site, time) in slowest {
            if time > *longest {
                (*longest, *longest_site) = (time, site);
            }
        }
    }
}

/// The parts of one kind that run now, and their time that is not yet split into phases.
#[derive(Debug, Default)]
struct ActiveParts {
    count: u32,
    time: u64,
    spent: Spent,
}

impl Timeline {
    /// A timeline that begins with a poll.
    pub(crate) fn polled() -> Self {
        let mut new = Self::default();
        new.polls.count = 1;
        new.observed.polls = 1;
        new
    }

    pub(crate) fn phases(&self) -> &Phases {
        &self.phases
    }

    pub(crate) fn trace(&self) -> &Trace {
        &self.trace
    }

    pub(crate) fn observed(&self) -> &Observed {
        &self.observed
    }

    /// A part is polled. `was_queued` says whether it had been woken for that.
    pub(crate) fn poll_begins(&mut self, now: u64, was_queued: bool) {
        self.advance(now);
        self.handed_over = false;
        self.reading_body = false;
        self.queued = self.queued.saturating_sub(u32::from(was_queued));
        self.polls.count += 1;
        self.observed.polls += 1;
    }

    /// `was_ready` says that the poll has something for the connection to write.
    pub(crate) fn poll_ends(&mut self, now: u64, spent: Spent, was_ready: bool, site: PollSite) {
        self.advance(now);
        self.handed_over = was_ready;
        self.observed.see_poll(spent, site);
        if self.polls.ended(spent) {
            self.settle(IntervalKind::Polled, Phase::Blocked);
        }
    }

    /// The handler asked for more of the request's body, and none had arrived.
    pub(crate) fn body_is_late(&mut self) {
        self.reading_body = true;
    }

    /// The handler asked for the request's body, and reads it piece by piece or whole.
    pub(crate) fn reads_body(&mut self, in_pieces: bool) {
        self.observed.read_body = true;
        self.observed.read_in_pieces |= in_pieces;
    }

    pub(crate) fn queue(&mut self, now: u64) {
        self.advance(now);
        self.queued += 1;
    }

    /// A queued part was dropped before it ran.
    pub(crate) fn unqueue(&mut self, now: u64) {
        self.advance(now);
        self.queued = self.queued.saturating_sub(1);
    }

    /// A queued job starts on a pool thread.
    pub(crate) fn job_begins(&mut self, now: u64) {
        self.unqueue(now);
        self.jobs.count += 1;
        self.observed.offloaded = true;
    }

    /// `is_function` says that the job was the function of a sync endpoint.
    pub(crate) fn job_ends(&mut self, now: u64, spent: Spent, is_function: bool) {
        self.advance(now);
        let observed = &mut self.observed;
        observed.longest_job = observed.longest_job.max(spent.total());
        if is_function {
            observed.ran_in_thread = true;
            observed.in_threads += spent.total();
            observed.blocked_in_threads += spent.blocked;
            observed.preempted_in_threads += spent.preempted;
        }
        if self.jobs.ended(spent) {
            self.settle(IntervalKind::OnThread, Phase::WaitingInThread);
        }
    }

    /// The request is over. How parts that still run have spent their time is not known.
    pub(crate) fn finish(&mut self, now: u64) {
        self.advance(now);
        let observed = &mut self.observed;
        observed.left_job = self.jobs.count > 0 || (self.queued > 0 && !observed.offloaded);
        for running in [&mut self.polls, &mut self.jobs] {
            if running.count > 0 {
                running.count = 0;
                running.spent.unknown = running.time;
            }
        }
        self.settle(IntervalKind::Polled, Phase::Blocked);
        self.settle(IntervalKind::OnThread, Phase::WaitingInThread);
    }

    fn advance(&mut self, now: u64) {
        let (from, to) = (self.at, now.max(self.at));
        let time = to - from;
        self.at = to;
        if time == 0 {
            return;
        }
        let kind = if self.polls.count > 0 {
            self.polls.time += time;
            IntervalKind::Polled
        } else if self.jobs.count > 0 {
            self.jobs.time += time;
            IntervalKind::OnThread
        } else {
            let phase = self.idle_phase(time);
            self.phases.add(phase, time);
            IntervalKind::Settled(phase)
        };
        self.trace.push(kind, from, to);
    }

    /// The phase of an interval in which no part ran.
    fn idle_phase(&mut self, time: u64) -> Phase {
        if self.queued > 0 {
            return Phase::Queued;
        }
        if self.handed_over && time < CONNECTION_WORK {
            return Phase::Computing;
        }
        if self.handed_over || self.reading_body {
            self.observed.waited_for_client += time;
        } else {
            self.observed.suspended = true;
        }
        Phase::Waiting
    }

    /// Splits the time of parts that have all ended into phases. Time off the CPU is taken out
    /// first.
    fn settle(&mut self, kind: IntervalKind, off_cpu: Phase) {
        let running = match kind {
            IntervalKind::OnThread => &mut self.jobs,
            _ => &mut self.polls,
        };
        let (mut left, spent) = (running.time, running.spent);
        *running = ActiveParts::default();
        if spent.is_all_computing() {
            self.phases.add(Phase::Computing, left);
            return self.trace.settle_as(kind, Phase::Computing);
        }
        let mut take = |nanos: u64| {
            let taken = nanos.min(left);
            left -= taken;
            taken
        };
        let shares = [
            (off_cpu, take(spent.blocked)),
            (Phase::Preempted, take(spent.preempted)),
            (Phase::Unknown, take(spent.unknown)),
            (Phase::Computing, left),
        ];
        for (phase, nanos) in shares {
            self.phases.add(phase, nanos);
        }
        self.trace.settle(kind, shares);
    }
}

impl ActiveParts {
    /// One part has ended. Returns whether it was the last.
    fn ended(&mut self, spent: Spent) -> bool {
        self.count = self.count.saturating_sub(1);
        self.spent.add(spent);
        self.count == 0
    }
}

#[cfg(test)]
mod tests;
