//! When a poll is a stall, and whose fault it is: the rule alone, with the time passed in.

use super::schedule::Schedule;

/// How long a poll may last; all times are in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub(super) ns: u64,
}

/// One look of the watchdog at the clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) now_ns: u64,
    /// By how much the watchdog itself came later than it wanted to: the machine was busy or stopped.
    pub(super) late_ns: u64,
}

/// What there is to say about a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// It is inside one poll for too long.
    Stalled { elapsed_ns: u64, state: State },
    /// It is too, but for most of that time the machine was busy with something else.
    Starved { elapsed_ns: u64 },
    /// The poll that was found to be stalled has ended.
    Ended { elapsed_ns: u64 },
}

/// What a stalled thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Computing,
    Blocked,
    Unknown,
}

impl State {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Computing => "computing",
            Self::Blocked => "blocked",
            Self::Unknown => "unknown",
        }
    }
}

/// One thread, as the watchdog last saw it.
#[derive(Debug, Default)]
pub(super) struct Sight {
    poll: Option<Poll>,
}

#[derive(Debug)]
struct Poll {
    began_ns: u64,
    /// When it was first worth a look at the scheduler, and what was seen there.
    first: Option<(u64, Schedule)>,
    late_ns: u64,
    told: Told,
}

#[derive(Debug, PartialEq, Eq)]
enum Told {
    Nothing,
    Starved,
    Stalled,
}

impl Sight {
    /// Looks at a thread that is inside the poll that began at `began_ns`, or outside any.
    pub(super) fn look(
        &mut self,
        look: Look,
        limit: Limit,
        began_ns: Option<u64>,
        schedule: impl FnOnce() -> Option<Schedule>,
    ) -> Option<Finding> {
        if self.poll.as_ref().map(|poll| poll.began_ns) != began_ns {
            let before = self.poll.take();
            self.poll = began_ns.map(Poll::new);
            let ended = before.and_then(|before| before.ended(began_ns.unwrap_or(look.now_ns)));
            if ended.is_some() {
                return ended;
            }
        }
        self.poll.as_mut()?.look(look, limit, schedule)
    }
}

impl Poll {
    fn new(began_ns: u64) -> Self {
        Self {
            began_ns,
            first: None,
            late_ns: 0,
            told: Told::Nothing,
        }
    }

    /// It ended some time before `at_ns`, and after the last look.
    fn ended(&self, at_ns: u64) -> Option<Finding> {
        let elapsed_ns = at_ns.saturating_sub(self.began_ns);
        (self.told == Told::Stalled).then_some(Finding::Ended { elapsed_ns })
    }

    fn look(
        &mut self,
        look: Look,
        limit: Limit,
        schedule: impl FnOnce() -> Option<Schedule>,
    ) -> Option<Finding> {
        let elapsed_ns = look.now_ns.saturating_sub(self.began_ns);
        self.late_ns += look.late_ns.min(elapsed_ns);
        // Nearly all polls are young, and a look at the scheduler is not free.
        if self.told == Told::Stalled || elapsed_ns < limit.ns / 20 {
            return None;
        }
        if elapsed_ns < limit.ns {
            if self.first.is_none() {
                self.first = schedule().map(|schedule| (look.now_ns, schedule));
            }
            return None;
        }
        let (state, queued_ns) = self.scheduled(look, limit, schedule)?;
        let told_before = self.told == Told::Starved;
        let finding = self.judge(elapsed_ns, state, queued_ns);
        (!told_before || self.told == Told::Stalled).then_some(finding)
    }

    /// What it did and for how long it had no CPU, since it was first looked at; nothing if that was only now.
    fn scheduled(
        &mut self,
        look: Look,
        limit: Limit,
        schedule: impl FnOnce() -> Option<Schedule>,
    ) -> Option<(State, u64)> {
        let Some((first_ns, first)) = self.first else {
            self.first = schedule().map(|schedule| (look.now_ns, schedule));
            return self.first.is_none().then_some((State::Unknown, 0));
        };
        let seen_ns = look.now_ns - first_ns;
        if seen_ns < limit.ns / 4 {
            return None;
        }
        let Some(now) = schedule() else {
            return Some((State::Unknown, 0));
        };
        let since = now.since(first);
        let had_ns = seen_ns.saturating_sub(since.queued_ns);
        let state = if since.cpu_ns > had_ns / 2 {
            State::Computing
        } else {
            State::Blocked
        };
        Some((state, since.queued_ns))
    }

    /// Not the code's fault if the host explains more than half of the time.
    fn judge(&mut self, elapsed_ns: u64, state: State, queued_ns: u64) -> Finding {
        if self.late_ns.max(queued_ns) > elapsed_ns / 2 {
            self.told = Told::Starved;
            Finding::Starved { elapsed_ns }
        } else {
            self.told = Told::Stalled;
            Finding::Stalled { elapsed_ns, state }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Finding, Limit, Look, Schedule, Sight, State};

    const MS: u64 = 1_000_000;
    const LIMIT: Limit = Limit { ns: 100 * MS };

    /// Looks every 25 ms at a thread whose poll began at 1 ms, with the scheduler's numbers (in ms, on the CPU and
    /// queued) at each look; and then, at the end, sees it outside.
    fn findings(schedule: &[(u64, u64)]) -> Vec<(u64, Finding)> {
        let mut sight = Sight::default();
        let mut found = Vec::new();
        for (look, (cpu, queued)) in (1..).zip(schedule) {
            let schedule = Schedule {
                cpu_ns: cpu * MS,
                queued_ns: queued * MS,
            };
            let now = at(look * 25, 0);
            let finding = sight.look(now, LIMIT, Some(MS), || Some(schedule));
            found.extend(finding.map(|finding| (look * 25, finding)));
        }
        let end = (schedule.len() as u64 + 1) * 25;
        let finding = sight.look(at(end, 0), LIMIT, None, || None);
        found.extend(finding.map(|finding| (end, finding)));
        found
    }

    fn at(now_ms: u64, late_ms: u64) -> Look {
        Look {
            now_ns: now_ms * MS,
            late_ns: late_ms * MS,
        }
    }

    fn stalled(elapsed_ms: u64, state: State) -> Finding {
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
        let expected = [(125, stalled(124, State::Blocked)), (525, ended(524))];
        assert_eq!(found, expected);
    }

    #[test]
    fn one_that_computes_is_told_from_one_that_is_blocked() {
        let busy: Vec<_> = (1..6).map(|look| (look * 24, 0)).collect();
        assert_eq!(findings(&busy)[0].1, stalled(124, State::Computing));
    }

    #[test]
    fn one_that_computes_on_half_a_core_computes() {
        let shared: Vec<_> = (1..6).map(|look| (look * 13, look * 12)).collect();
        assert_eq!(findings(&shared)[0].1, stalled(124, State::Computing));
    }

    #[test]
    fn a_thread_without_a_cpu_is_not_blamed() {
        let starved_all_along: Vec<_> = (1..10).map(|look| (look * 5, look * 20)).collect();
        assert_eq!(findings(&starved_all_along), [(125, starved(124))]);
    }

    #[test]
    fn a_stall_that_goes_on_after_the_machine_has_time_again_is_found() {
        let mut schedule: Vec<_> = (1..6).map(|look| (look * 5, look * 20)).collect();
        schedule.extend([(25, 100); 5]);
        let found = findings(&schedule);
        let expected = [
            (125, starved(124)),
            (175, stalled(174, State::Blocked)),
            (275, ended(274)),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_kept_the_watchdog_from_looking_is_not_held_against_a_poll() {
        let mut sight = Sight::default();
        let schedule = || {
            Some(Schedule {
                cpu_ns: 0,
                queued_ns: 0,
            })
        };
        let mut look = |now_ms, late_ms| sight.look(at(now_ms, late_ms), LIMIT, Some(MS), schedule);
        assert_eq!(look(25, 0), None);
        // The machine slept.
        assert_eq!(look(900, 850), Some(starved(899)));
        assert_eq!(look(925, 0), None);
        assert_eq!(look(1701, 0), Some(stalled(1700, State::Blocked)));
    }

    #[test]
    fn a_poll_that_is_first_seen_late_is_looked_at_twice() {
        let mut sight = Sight::default();
        let schedule = || {
            Some(Schedule {
                cpu_ns: 0,
                queued_ns: 0,
            })
        };
        let mut look = |now_ms| sight.look(at(now_ms, 0), LIMIT, Some(MS), schedule);
        assert_eq!(look(300), None);
        assert_eq!(look(310), None);
        assert_eq!(look(325), Some(stalled(324, State::Blocked)));
    }

    #[test]
    fn without_a_scheduler_to_ask_a_stall_is_found_all_the_same() {
        let mut sight = Sight::default();
        let mut look = |now_ms| sight.look(at(now_ms, 0), LIMIT, Some(MS), || None);
        assert_eq!(look(50), None);
        assert_eq!(look(125), Some(stalled(124, State::Unknown)));
        assert_eq!(look(150), None);
    }

    #[test]
    fn a_stall_ends_where_the_next_poll_begins() {
        let mut sight = Sight::default();
        let mut look =
            |now_ms, began_ms| sight.look(at(now_ms, 0), LIMIT, Some(began_ms * MS), || None);
        assert_eq!(look(125, 1), Some(stalled(124, State::Unknown)));
        assert_eq!(look(150, 131), Some(ended(130)));
        assert_eq!(look(175, 131), None);
    }
}
