//! When a poll is a stall, and whether the machine is to blame. Pure: the times are passed in.

use crate::schedule::Schedule;
use crate::stall::ThreadState;

/// How long a poll may last, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub(crate) ns: u64,
}

/// The time of one inspection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tick {
    pub(crate) now_ns: u64,
    /// By how much the watchdog itself ran later than it wanted to, because the machine was busy
    /// or asleep.
    pub(crate) late_ns: u64,
}

/// The result of one inspection of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Its poll lasts longer than the limit.
    Stalled { elapsed_ns: u64, state: ThreadState },
    /// Its poll lasts longer than the limit, but the machine was busy for most of that time.
    Starved { elapsed_ns: u64 },
    /// A poll that was stalled has ended.
    Ended { elapsed_ns: u64 },
}

/// The present poll of one thread, as far as it has been inspected.
#[derive(Debug, Default)]
pub(crate) struct PollHistory {
    poll: Option<Poll>,
}

#[derive(Debug)]
struct Poll {
    began_ns: u64,
    /// The time of the first reading of the scheduler's sums, and the sums.
    first: Option<(u64, Schedule)>,
    /// By how much the watchdog has run late during this poll.
    late_ns: u64,
    reported: Reported,
}

#[derive(Debug, PartialEq, Eq)]
enum Reported {
    Nothing,
    Starved,
    Stalled,
}

impl PollHistory {
    /// Inspects a thread that is inside the poll that began at `began_ns`, or outside of any poll.
    ///
    /// `schedule` reads the scheduler's sums. It is called only if the poll has lasted for some
    /// time.
    pub(crate) fn inspect(
        &mut self,
        tick: Tick,
        limit: Limit,
        began_ns: Option<u64>,
        schedule: impl FnOnce() -> Option<Schedule>,
    ) -> Option<Finding> {
        if self.poll.as_ref().map(|poll| poll.began_ns) != began_ns {
            let before = self.poll.take();
            self.poll = began_ns.map(Poll::new);
            let ended = before.and_then(|before| before.ended(began_ns.unwrap_or(tick.now_ns)));
            if ended.is_some() {
                return ended;
            }
        }
        self.poll.as_mut()?.inspect(tick, limit, schedule)
    }
}

impl Poll {
    fn new(began_ns: u64) -> Self {
        Self {
            began_ns,
            first: None,
            late_ns: 0,
            reported: Reported::Nothing,
        }
    }

    /// It ended between the last inspection and `at_ns`.
    fn ended(&self, at_ns: u64) -> Option<Finding> {
        let elapsed_ns = at_ns.saturating_sub(self.began_ns);
        (self.reported == Reported::Stalled).then_some(Finding::Ended { elapsed_ns })
    }

    fn inspect(
        &mut self,
        tick: Tick,
        limit: Limit,
        schedule: impl FnOnce() -> Option<Schedule>,
    ) -> Option<Finding> {
        let elapsed_ns = tick.now_ns.saturating_sub(self.began_ns);
        self.late_ns += tick.late_ns.min(elapsed_ns);
        // Why: nearly all polls are short, and reading the scheduler's sums costs a system call.
        if self.reported == Reported::Stalled || elapsed_ns < limit.ns / 20 {
            return None;
        }
        if elapsed_ns < limit.ns {
            if self.first.is_none() {
                self.first = schedule().map(|schedule| (tick.now_ns, schedule));
            }
            return None;
        }
        let (state, queued_ns) = self.scheduled(tick, limit, schedule)?;
        let was_starved = self.reported == Reported::Starved;
        let finding = self.judge(elapsed_ns, state, queued_ns);
        (!was_starved || self.reported == Reported::Stalled).then_some(finding)
    }

    /// What the thread has done since the first reading, and for how long it waited for a CPU.
    /// `None` if too little time has passed since then.
    fn scheduled(
        &mut self,
        tick: Tick,
        limit: Limit,
        schedule: impl FnOnce() -> Option<Schedule>,
    ) -> Option<(ThreadState, u64)> {
        let Some((first_ns, first)) = self.first else {
            self.first = schedule().map(|schedule| (tick.now_ns, schedule));
            return self.first.is_none().then_some((ThreadState::Unknown, 0));
        };
        let seen_ns = tick.now_ns - first_ns;
        if seen_ns < limit.ns / 4 {
            return None;
        }
        let Some(now) = schedule() else {
            return Some((ThreadState::Unknown, 0));
        };
        let since = now.since(first);
        if since.is_runnable {
            // Why: the kernel adds the wait in line only when it ends. A thread that is ready to
            // run has spent the time that is not accounted for in line.
            let queued_ns = seen_ns.saturating_sub(since.cpu_ns);
            return Some((ThreadState::Computing, queued_ns));
        }
        let had_ns = seen_ns.saturating_sub(since.queued_ns);
        let state = if since.cpu_ns > had_ns / 2 {
            ThreadState::Computing
        } else {
            ThreadState::Blocked
        };
        Some((state, since.queued_ns))
    }

    /// A stall, unless the machine explains more than half of the time.
    fn judge(&mut self, elapsed_ns: u64, state: ThreadState, queued_ns: u64) -> Finding {
        if self.late_ns.max(queued_ns) > elapsed_ns / 2 {
            self.reported = Reported::Starved;
            Finding::Starved { elapsed_ns }
        } else {
            self.reported = Reported::Stalled;
            Finding::Stalled { elapsed_ns, state }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Finding, Limit, PollHistory, Schedule, ThreadState, Tick};

    const MS: u64 = 1_000_000;
    const LIMIT: Limit = Limit { ns: 100 * MS };

    /// Inspects a thread every 25 ms. Its poll began at 1 ms and ends after the last inspection but
    /// one. `schedule` has the scheduler's sums at each inspection, in milliseconds: on the
    /// CPU, and queued.
    fn findings(schedule: &[(u64, u64)]) -> Vec<(u64, Finding)> {
        let mut history = PollHistory::default();
        let mut found = Vec::new();
        for (look, (cpu, queued)) in (1..).zip(schedule) {
            let schedule = Schedule {
                cpu_ns: cpu * MS,
                queued_ns: queued * MS,
                is_runnable: false,
            };
            let now = at(look * 25, 0);
            let finding = history.inspect(now, LIMIT, Some(MS), || Some(schedule));
            found.extend(finding.map(|finding| (look * 25, finding)));
        }
        let end = (schedule.len() as u64 + 1) * 25;
        let finding = history.inspect(at(end, 0), LIMIT, None, || None);
        found.extend(finding.map(|finding| (end, finding)));
        found
    }

    fn at(now_ms: u64, late_ms: u64) -> Tick {
        Tick {
            now_ns: now_ms * MS,
            late_ns: late_ms * MS,
        }
    }

    fn stalled(elapsed_ms: u64, state: ThreadState) -> Finding {
        let elapsed_ns = elapsed_ms * MS;
        Finding::Stalled { elapsed_ns, state }
    }

    fn ended(elapsed_ms: u64) -> Finding {
        let elapsed_ns = elapsed_ms * MS;
        Finding::Ended { elapsed_ns }
    }

    fn starved(elapsed_ms: u64) -> Finding {
        let elapsed_ns = elapsed_ms * MS;
        Finding::Starved { elapsed_ns }
    }

    #[test]
    fn a_short_poll_is_nothing() {
        assert_eq!(findings(&[(0, 0); 4]), []);
    }

    #[test]
    fn a_stall_is_found_once_and_ends_once() {
        let found = findings(&[(5, 0); 20]);
        let expected = [(125, stalled(124, ThreadState::Blocked)), (525, ended(524))];
        assert_eq!(found, expected);
    }

    #[test]
    fn one_that_computes_is_told_from_one_that_is_blocked() {
        let busy: Vec<_> = (1..6).map(|look| (look * 24, 0)).collect();
        assert_eq!(findings(&busy)[0].1, stalled(124, ThreadState::Computing));
    }

    #[test]
    fn one_that_computes_on_half_a_core_computes() {
        let shared: Vec<_> = (1..6).map(|look| (look * 13, look * 12)).collect();
        assert_eq!(findings(&shared)[0].1, stalled(124, ThreadState::Computing));
    }

    #[test]
    fn a_thread_without_a_cpu_is_not_blamed() {
        let starved_all_along: Vec<_> = (1..10).map(|look| (look * 5, look * 20)).collect();
        assert_eq!(findings(&starved_all_along), [(125, starved(124))]);
    }

    /// The kernel has not yet added the wait in line that goes on.
    #[test]
    fn a_thread_in_line_is_not_called_blocked() {
        let mut history = PollHistory::default();
        let mut look = |now_ms: u64, cpu_ms: u64| {
            let schedule = Schedule {
                cpu_ns: cpu_ms * MS,
                queued_ns: 0,
                is_runnable: true,
            };
            history.inspect(at(now_ms, 0), LIMIT, Some(MS), || Some(schedule))
        };
        assert_eq!(look(25, 10), None);
        assert_eq!(look(125, 20), Some(starved(124)));
        assert_eq!(look(325, 220), Some(stalled(324, ThreadState::Computing)));
    }

    #[test]
    fn a_stall_that_goes_on_after_the_machine_has_time_again_is_found() {
        let mut schedule: Vec<_> = (1..6).map(|look| (look * 5, look * 20)).collect();
        schedule.extend([(25, 100); 5]);
        let found = findings(&schedule);
        let expected = [
            (125, starved(124)),
            (175, stalled(174, ThreadState::Blocked)),
            (275, ended(274)),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn time_in_which_the_watchdog_did_not_run_does_not_count() {
        let mut history = PollHistory::default();
        let schedule = || {
            Some(Schedule {
                cpu_ns: 0,
                queued_ns: 0,
                is_runnable: false,
            })
        };
        let mut look =
            |now_ms, late_ms| history.inspect(at(now_ms, late_ms), LIMIT, Some(MS), schedule);
        assert_eq!(look(25, 0), None);
        // The machine slept.
        assert_eq!(look(900, 850), Some(starved(899)));
        assert_eq!(look(925, 0), None);
        assert_eq!(look(1701, 0), Some(stalled(1700, ThreadState::Blocked)));
    }

    #[test]
    fn a_poll_that_is_first_seen_late_is_inspected_twice() {
        let mut history = PollHistory::default();
        let schedule = || {
            Some(Schedule {
                cpu_ns: 0,
                queued_ns: 0,
                is_runnable: false,
            })
        };
        let mut look = |now_ms| history.inspect(at(now_ms, 0), LIMIT, Some(MS), schedule);
        assert_eq!(look(300), None);
        assert_eq!(look(310), None);
        assert_eq!(look(325), Some(stalled(324, ThreadState::Blocked)));
    }

    #[test]
    fn without_a_scheduler_to_ask_a_stall_is_found_all_the_same() {
        let mut history = PollHistory::default();
        let mut look = |now_ms| history.inspect(at(now_ms, 0), LIMIT, Some(MS), || None);
        assert_eq!(look(50), None);
        assert_eq!(look(125), Some(stalled(124, ThreadState::Unknown)));
        assert_eq!(look(150), None);
    }

    #[test]
    fn a_stall_ends_where_the_next_poll_begins() {
        let mut history = PollHistory::default();
        let mut look =
            |now_ms, began_ms| history.inspect(at(now_ms, 0), LIMIT, Some(began_ms * MS), || None);
        assert_eq!(look(125, 1), Some(stalled(124, ThreadState::Unknown)));
        assert_eq!(look(150, 131), Some(ended(130)));
        assert_eq!(look(175, 131), None);
    }
}
