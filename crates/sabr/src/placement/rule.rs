use std::collections::VecDeque;
use std::time::{Duration, Instant};

use sabr_ledger::{Place, Reason};

/// A call of at most this time is short. A hop to a thread and back costs a client about as much.
pub(super) const SHORT: Duration = Duration::from_micros(50);
/// A call of at least this time stalls the event loop. Quickwit has the same limit for code on an
/// async worker.
pub(super) const LONG: Duration = Duration::from_micros(500);
/// A call of at least this time is slow even if its thread was preempted. Why: on a busy machine,
/// any computation of this length is preempted.
pub(super) const LONG_ON_ANY_MACHINE: Duration = Duration::from_millis(10);
/// This many short calls in a row promote the endpoint.
pub(super) const SHORT_RUN: u32 = 64;
/// This many calls in a row that are not short demote the endpoint, even if none of them is long.
pub(super) const NOT_SHORT_RUN: u32 = 16;
/// The time that the first demotion holds. Each further demotion holds twice as long.
pub(super) const HOLD_FIRST: Duration = Duration::from_secs(1);
/// The longest hold. After this time in place without a demotion, the next demotion counts as the
/// first.
pub(super) const HOLD_MAX: Duration = Duration::from_secs(300);

/// Decides where the calls of one endpoint run. It has no clock: times are arguments, so the same
/// calls always lead to the same decisions.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) place: Place,
    pub(super) reason: Reason,
    pub(super) promotions: u64,
    pub(super) demotions: u64,
    /// The number of consecutive calls that speak for the other place.
    run: u32,
    hold: Duration,
    hold_until: Option<Instant>,
    promoted_at: Option<Instant>,
    /// Calls that run in place now, the oldest first.
    inside: VecDeque<Inside>,
    last_call: u64,
    /// A call has panicked in place.
    panicked: bool,
}

#[derive(Clone, Copy, Debug)]
struct Inside {
    call: u64,
    began: Instant,
}

/// Where one call runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    Pool,
    /// In place. The caller passes `call` to [`Rule::ended_in_place`]. If `watched` is set, the
    /// caller finds out whether the call is preempted. Why not always: it costs a system call, so
    /// it is not done for an endpoint that was never demoted.
    InPlace {
        call: u64,
        watched: bool,
    },
}

impl Rule {
    pub(super) fn new() -> Self {
        Self {
            place: Place::Pool,
            reason: Reason::New,
            promotions: 0,
            demotions: 0,
            run: 0,
            hold: HOLD_FIRST,
            hold_until: None,
            promoted_at: None,
            inside: VecDeque::new(),
            last_call: 0,
            panicked: false,
        }
    }

    pub(super) fn start(&mut self, now: Instant) -> Start {
        let oldest = self.inside.front();
        let inside_for = oldest.map(|inside| now.saturating_duration_since(inside.began));
        if inside_for.is_some_and(|time| time >= LONG_ON_ANY_MACHINE) {
            self.demote(now, Reason::Slow);
        }
        // While a call runs for this long, no other worker starts one in place.
        let stuck = inside_for.is_some_and(|time| time >= LONG);
        if self.place == Place::Pool || stuck {
            return Start::Pool;
        }
        self.last_call += 1;
        let call = self.last_call;
        self.inside.push_back(Inside { call, began: now });
        let watched = self.demotions > 0;
        Start::InPlace { call, watched }
    }

    pub(super) fn ended_on_pool(&mut self, now: Instant, took: Duration) {
        if self.place != Place::Pool || self.panicked {
            return;
        }
        self.run = if took <= SHORT { self.run + 1 } else { 0 };
        let held = self.hold_until.is_some_and(|until| now < until);
        if self.run >= SHORT_RUN && !held {
            self.place = Place::InPlace;
            self.reason = Reason::Short;
            self.promotions += 1;
            self.promoted_at = Some(now);
            self.run = 0;
        }
    }

    /// A call that was `preempted` does not count, unless it took [`LONG_ON_ANY_MACHINE`].
    pub(super) fn ended_in_place(
        &mut self,
        call: u64,
        now: Instant,
        preempted: impl FnOnce() -> bool,
    ) {
        // A demotion removes the calls that run at that moment, so they are not counted again.
        let Some(at) = self.inside.iter().position(|inside| inside.call == call) else {
            return;
        };
        let Some(inside) = self.inside.remove(at) else {
            return;
        };
        let took = now.saturating_duration_since(inside.began);
        if took > SHORT && took < LONG_ON_ANY_MACHINE && preempted() {
            return;
        }
        self.run = if took > SHORT { self.run + 1 } else { 0 };
        if took >= LONG {
            self.demote(now, Reason::Slow);
        } else if self.run >= NOT_SHORT_RUN {
            self.demote(now, Reason::NotShort);
        }
    }

    /// A call in place panicked. No further call is made in place.
    ///
    /// Why for ever: some calls panic on the event loop and nowhere else, such as tokio's
    /// `blocking_lock`. If the placement caused the panic, it must not cause a second one.
    pub(super) fn panicked_in_place(&mut self, now: Instant) {
        self.panicked = true;
        if self.place == Place::InPlace {
            self.demote(now, Reason::Panicked);
        }
        self.reason = Reason::Panicked;
    }

    fn demote(&mut self, now: Instant, reason: Reason) {
        let behaved = self.promoted_at.map(|at| now.saturating_duration_since(at));
        if behaved.is_some_and(|long| long >= HOLD_MAX) {
            self.hold = HOLD_FIRST;
        }
        self.inside.clear();
        self.place = Place::Pool;
        self.reason = reason;
        self.demotions += 1;
        self.run = 0;
        self.hold_until = Some(now + self.hold);
        self.hold = (self.hold * 2).min(HOLD_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rule, and the time that it is given.
    struct Driven {
        rule: Rule,
        now: Instant,
    }

    impl Driven {
        fn new() -> Self {
            let (rule, now) = (Rule::new(), Instant::now());
            Self { rule, now }
        }

        /// Makes one call that takes `took`. Returns where it ran.
        fn call(&mut self, took: Duration) -> Place {
            let start = self.rule.start(self.now);
            self.now += took;
            match start {
                Start::Pool => {
                    self.rule.ended_on_pool(self.now, took);
                    Place::Pool
                }
                Start::InPlace { call, .. } => {
                    self.rule.ended_in_place(call, self.now, || false);
                    Place::InPlace
                }
            }
        }

        fn calls(&mut self, count: u32, took: Duration) {
            for _ in 0..count {
                self.call(took);
            }
        }

        fn promote(&mut self) {
            self.calls(SHORT_RUN, SHORT);
            assert_eq!(self.rule.place, Place::InPlace);
        }
    }

    #[test]
    fn run_of_short_calls_promotes() {
        let mut driven = Driven::new();
        driven.calls(SHORT_RUN - 1, SHORT);
        assert_eq!(driven.rule.place, Place::Pool);
        assert_eq!(driven.call(SHORT), Place::Pool);
        assert_eq!(driven.call(SHORT), Place::InPlace);
        assert_eq!(driven.rule.reason, Reason::Short);
    }

    #[test]
    fn one_call_that_is_not_short_breaks_the_run() {
        let mut driven = Driven::new();
        driven.calls(SHORT_RUN - 1, SHORT);
        driven.call(SHORT * 2);
        driven.calls(SHORT_RUN - 1, SHORT);
        assert_eq!(driven.rule.place, Place::Pool);
    }

    #[test]
    fn one_slow_call_demotes() {
        let mut driven = Driven::new();
        driven.promote();
        assert_eq!(driven.call(LONG), Place::InPlace);
        assert_eq!(driven.call(SHORT), Place::Pool);
        assert_eq!(driven.rule.reason, Reason::Slow);
    }

    #[test]
    fn preempted_call_is_not_blamed_up_to_a_limit() {
        let mut driven = Driven::new();
        driven.promote();
        for (took, expected) in [(LONG, Place::InPlace), (LONG_ON_ANY_MACHINE, Place::Pool)] {
            let Start::InPlace { call, .. } = driven.rule.start(driven.now) else {
                panic!("promoted");
            };
            driven.now += took;
            driven.rule.ended_in_place(call, driven.now, || true);
            assert_eq!(driven.rule.place, expected, "{took:?}");
        }
    }

    #[test]
    fn panic_in_place_demotes_for_ever() {
        let mut driven = Driven::new();
        driven.promote();
        driven.rule.panicked_in_place(driven.now);
        driven.now += HOLD_MAX * 2;
        driven.calls(SHORT_RUN * 2, SHORT);
        let rule = &driven.rule;
        assert_eq!((rule.place, rule.reason), (Place::Pool, Reason::Panicked));
        assert_eq!(rule.demotions, 1);
    }

    #[test]
    fn steadily_not_short_calls_demote() {
        let mut driven = Driven::new();
        driven.promote();
        driven.calls(NOT_SHORT_RUN, LONG / 2);
        assert_eq!(driven.rule.reason, Reason::NotShort);
    }

    #[test]
    fn call_that_does_not_come_back_lets_no_other_follow() {
        let mut driven = Driven::new();
        driven.promote();
        let Start::InPlace { call: stuck, .. } = driven.rule.start(driven.now) else {
            panic!("promoted");
        };
        assert_eq!(
            driven.call(SHORT),
            Place::InPlace,
            "the first is not yet late"
        );
        driven.now += LONG;
        assert_eq!(driven.call(SHORT), Place::Pool);
        assert_eq!(driven.rule.demotions, 0, "it may have been preempted");
        driven.now += LONG_ON_ANY_MACHINE;
        assert_eq!(driven.call(SHORT), Place::Pool);
        driven.rule.ended_in_place(stuck, driven.now, || false);
        assert_eq!(driven.rule.demotions, 1, "it is counted once");
    }

    #[test]
    fn each_demotion_holds_twice_as_long_up_to_a_bound() {
        let mut driven = Driven::new();
        let mut expected = HOLD_FIRST;
        for _ in 0..12 {
            driven.promote();
            driven.call(LONG);
            driven.now += expected - SHORT * SHORT_RUN;
            driven.calls(SHORT_RUN - 1, SHORT);
            assert_eq!(driven.rule.place, Place::Pool, "held for {expected:?}");
            driven.call(SHORT);
            expected = (expected * 2).min(HOLD_MAX);
            driven.call(LONG);
            driven.now += expected;
            expected = (expected * 2).min(HOLD_MAX);
        }
        assert_eq!(expected, HOLD_MAX);
    }

    #[test]
    fn long_good_behaviour_is_rewarded_with_a_fresh_start() {
        let mut driven = Driven::new();
        for _ in 0..6 {
            driven.promote();
            driven.call(LONG);
            driven.now += HOLD_MAX;
        }
        driven.promote();
        driven.now += HOLD_MAX;
        driven.call(LONG);
        driven.now += HOLD_FIRST;
        driven.promote();
    }
}
