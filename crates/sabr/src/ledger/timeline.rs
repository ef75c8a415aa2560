//! The time of one request, split into phases that sum to the whole.
//!
//! A request has parts that do something side by side: its future, then its body; a handler that runs to its
//! end in a task of its own; jobs on pools. Each tells the timeline when it begins and ends to run or to queue.
//! Between two such events the request is in one phase, so each nanosecond is counted once, however the parts
//! overlap. Time comes in as arguments, in nanoseconds since the request began.

use super::Phase;
use super::phase::Phases;
use super::thread_clock::Spent;
use super::trace::{Kind, Trace};

/// How long the connection may take from one piece of a response to the next before it is waiting for the
/// client. What is shorter is its own work: encoding and writing.
const CONNECTION_WORK: u64 = 100_000;

#[derive(Debug, Default)]
pub(crate) struct Timeline {
    /// All time up to here is accounted for.
    at: u64,
    /// Parts that are queued.
    queued: u32,
    polls: Running,
    jobs: Running,
    phases: Phases,
    pub(crate) trace: Trace,
    /// The last poll gave something to the connection, and was not pending.
    handed_over: bool,
    /// The last poll was pending because the request's body had not come.
    reading_body: bool,
    pub(crate) seen: Seen,
}

/// What verdicts are made of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) polls: u64,
    /// It was suspended and waited for something other than its client.
    pub(crate) suspended: bool,
    /// A job of it ran on a pool.
    pub(crate) offloaded: bool,
    pub(crate) waited_for_client: u64,
    /// The most blocked, computed and unexplained in one poll.
    pub(crate) blocked_in_poll: u64,
    pub(crate) computed_in_poll: u64,
    pub(crate) unknown_in_poll: u64,
    /// On pool threads: the length of all its jobs together.
    pub(crate) in_threads: u64,
    /// Of that, what the machine took.
    pub(crate) preempted_in_threads: u64,
    /// It ended while a job of it ran or had yet to run: how that spends its time is not known.
    pub(crate) left_job: bool,
}

/// Parts of one kind that run now, and their time that is not yet split.
#[derive(Debug, Default)]
struct Running {
    count: u32,
    time: u64,
    spent: Spent,
}

impl Timeline {
    /// A timeline that begins with a poll.
    pub(crate) fn polled() -> Self {
        let mut new = Self::default();
        new.polls.count = 1;
        new.seen.polls = 1;
        new
    }

    pub(crate) fn phases(&self) -> &Phases {
        &self.phases
    }

    /// A part is polled, which may have been queued for it.
    pub(crate) fn poll_begins(&mut self, now: u64, was_queued: bool) {
        self.advance(now);
        self.handed_over = false;
        self.reading_body = false;
        self.queued = self.queued.saturating_sub(u32::from(was_queued));
        self.polls.count += 1;
        self.seen.polls += 1;
    }

    /// `gave` says that the poll was ready with something for the connection.
    pub(crate) fn poll_ends(&mut self, now: u64, spent: Spent, gave: bool) {
        self.advance(now);
        self.handed_over = gave;
        let seen = &mut self.seen;
        seen.blocked_in_poll = seen.blocked_in_poll.max(spent.blocked);
        seen.computed_in_poll = seen.computed_in_poll.max(spent.computing);
        seen.unknown_in_poll = seen.unknown_in_poll.max(spent.unknown);
        if self.polls.ended(spent) {
            self.settle(Kind::Polled, Phase::Blocked);
        }
    }

    /// The request's body was asked for more, and there was none yet.
    pub(crate) fn body_is_late(&mut self) {
        self.reading_body = true;
    }

    pub(crate) fn queue(&mut self, now: u64) {
        self.advance(now);
        self.queued += 1;
    }

    /// What was queued is so no more, and did not run.
    pub(crate) fn unqueue(&mut self, now: u64) {
        self.advance(now);
        self.queued = self.queued.saturating_sub(1);
    }

    /// A job that was queued runs on a thread of a pool.
    pub(crate) fn job_begins(&mut self, now: u64) {
        self.unqueue(now);
        self.jobs.count += 1;
        self.seen.offloaded = true;
    }

    pub(crate) fn job_ends(&mut self, now: u64, spent: Spent) {
        self.advance(now);
        self.seen.in_threads += spent.computing + spent.blocked + spent.preempted + spent.unknown;
        self.seen.preempted_in_threads += spent.preempted;
        if self.jobs.ended(spent) {
            self.settle(Kind::OnThread, Phase::WaitingInThread);
        }
    }

    /// The request is over. What runs on is not its time any more, and how it spent what it had is not known.
    pub(crate) fn finish(&mut self, now: u64) {
        self.advance(now);
        let seen = &mut self.seen;
        seen.left_job = self.jobs.count > 0 || (self.queued > 0 && !seen.offloaded);
        for running in [&mut self.polls, &mut self.jobs] {
            if running.count > 0 {
                running.count = 0;
                running.spent.unknown = running.time;
            }
        }
        self.settle(Kind::Polled, Phase::Blocked);
        self.settle(Kind::OnThread, Phase::WaitingInThread);
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
            Kind::Polled
        } else if self.jobs.count > 0 {
            self.jobs.time += time;
            Kind::OnThread
        } else {
            let phase = self.idle_phase(time);
            self.phases.add(phase, time);
            Kind::Settled(phase)
        };
        self.trace.push(kind, from, to);
    }

    /// The phase of a stretch in which no part ran.
    fn idle_phase(&mut self, time: u64) -> Phase {
        if self.queued > 0 {
            return Phase::Queued;
        }
        if self.handed_over && time < CONNECTION_WORK {
            return Phase::Computing;
        }
        if self.handed_over || self.reading_body {
            self.seen.waited_for_client += time;
        } else {
            self.seen.suspended = true;
        }
        Phase::Waiting
    }

    /// Splits the time of parts that have all ended: what they were off the CPU, first.
    fn settle(&mut self, kind: Kind, off_cpu: Phase) {
        let running = match kind {
            Kind::OnThread => &mut self.jobs,
            _ => &mut self.polls,
        };
        let (mut left, spent) = (running.time, running.spent);
        *running = Running::default();
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

impl Running {
    /// One of them has ended; says whether it was the last.
    fn ended(&mut self, spent: Spent) -> bool {
        self.count = self.count.saturating_sub(1);
        self.spent.add(spent);
        self.count == 0
    }
}

#[cfg(test)]
mod tests;
