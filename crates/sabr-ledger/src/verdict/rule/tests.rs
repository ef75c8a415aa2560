use super::*;
use crate::phase::Phases;
use crate::place::{Place, Reason};
use crate::window::SequenceSum;

const MS: u64 = 1_000_000;

/// 200 requests of 10 ms that wait.
fn waiting() -> Window {
    let mut phases = Phases::default();
    phases.add(Phase::Waiting, 200 * 9 * MS);
    phases.add(Phase::Computing, 200 * MS);
    Window {
        requests: 200,
        succeeded: 200,
        duration: 200 * 10 * MS,
        phases,
        suspended: 200,
        ..Window::default()
    }
}

fn judge(window: Window, place: Option<(Place, Reason)>) -> Verdict {
    let subject = Subject {
        window,
        place,
        pool_threads: 40,
        judged: true,
    };
    of(&subject, &Thresholds::default())
}

#[track_caller]
fn check(window: Window, expected: VerdictKind, finding: &str) {
    let verdict = judge(window, None);
    assert_eq!(verdict.kind, expected, "{verdict:?}");
    assert_eq!(verdict.finding, finding);
}

#[test]
fn handler_that_waits_fits() {
    check(
        waiting(),
        VerdictKind::AsyncFits,
        "waits 90 % of its time, and its longest poll took 0.0 µs",
    );
}

#[test]
fn blocking_is_said_as_soon_as_it_is_certain_and_not_for_one_request_in_a_thousand() {
    let blocked = |blocked, requests| Window {
        blocked,
        requests,
        blocked_max: 500 * MS,
        ..waiting()
    };
    check(
        blocked(3, 3),
        VerdictKind::BlocksEventLoop,
        "each of 3 requests blocked the thread of the event loop inside a poll, for up to 500 ms",
    );
    assert_eq!(judge(blocked(3, 1000), None).kind, VerdictKind::AsyncFits);
    assert_eq!(
        judge(blocked(3, 1000), None).hint.unwrap(),
        "3 of 1,000 requests blocked the event loop, for up to 500 ms: too rare for a verdict"
    );
    assert_eq!(
        judge(blocked(10, 1000), None).kind,
        VerdictKind::BlocksEventLoop
    );
    assert_eq!(judge(blocked(2, 2), None).kind, VerdictKind::TooEarly);
}

/// A sleep of a tenth of a millisecond may last for three where the machine is late to wake the
/// thread.
#[test]
fn busy_machine_has_to_block_more_requests() {
    let blocked = |blocked, preempted: u64| {
        let mut window = Window {
            blocked,
            requests: 100,
            ..waiting()
        };
        window.phases.add(Phase::Preempted, preempted * MS);
        judge(window, None).kind
    };
    assert_eq!(blocked(4, 10), VerdictKind::BlocksEventLoop);
    assert_eq!(blocked(4, 200), VerdictKind::AsyncFits);
    assert_eq!(blocked(5, 200), VerdictKind::BlocksEventLoop);
}

#[test]
fn blocking_is_said_unless_it_is_a_side_effect_of_computing() {
    let both = |blocked: u64, computing: u64| {
        let mut phases = Phases::default();
        phases.add(Phase::Blocked, blocked * MS);
        phases.add(Phase::Computing, computing * MS);
        let window = Window {
            blocked: 4,
            computing: 4,
            requests: 4,
            phases,
            ..waiting()
        };
        judge(window, None).kind
    };
    assert_eq!(both(4, 40), VerdictKind::ComputesOnEventLoop);
    assert_eq!(both(15, 40), VerdictKind::BlocksEventLoop);
}

#[test]
fn slow_start_is_not_computing() {
    let computing = |computing| Window {
        computing,
        computing_max: 5 * MS,
        ..waiting()
    };
    assert_eq!(judge(computing(9), None).kind, VerdictKind::AsyncFits);
    assert_eq!(
        judge(computing(10), None).kind,
        VerdictKind::ComputesOnEventLoop
    );
}

#[test]
fn never_waits_needs_a_hundred_successes() {
    let never = |succeeded| Window {
        suspended: 0,
        succeeded,
        ..waiting()
    };
    check(
        never(200),
        VerdictKind::NeverWaits,
        "not suspended once in 200 requests: at 95 % confidence it waits in at most 1.5 % of them",
    );
    check(
        never(99),
        VerdictKind::TooEarly,
        "99 successful requests so far, of 100 that a verdict needs; 101 did not succeed",
    );
    let failing = Window {
        requests: 5,
        ..never(0)
    };
    check(
        failing,
        VerdictKind::TooEarly,
        "5 requests so far, of 30 that a verdict needs",
    );
    let offloaded = Window {
        offloaded: 1,
        ..never(200)
    };
    assert_eq!(judge(offloaded, None).kind, VerdictKind::AsyncFits);
}

#[test]
fn sequence_is_a_verdict_only_if_proven() {
    let sums = SequenceSum {
        requests: 200,
        worth: 101,
        in_turn: 200 * 5000 * MS,
        longest: 200 * 3000 * MS,
        waits: 400,
        pair: Some([("db", 200 * 2000 * MS), ("api", 200 * 3000 * MS)]),
        pair_requests: 200,
    };
    let window = Window {
        duration: 200 * 5000 * MS,
        ..waiting()
    };
    let said = "db 2.0 s, then api 3.0 s: 5.0 s; together at most 3.0 s";
    let proven = Window {
        proven: sums,
        ..window
    };
    check(proven, VerdictKind::CouldOverlap, said);
    let seldom = Window {
        proven: SequenceSum { worth: 100, ..sums },
        ..window
    };
    assert_eq!(judge(seldom, None).kind, VerdictKind::AsyncFits);
    let assumed = Window {
        assumed: sums,
        ..window
    };
    let verdict = judge(assumed, None);
    assert_eq!(verdict.kind, VerdictKind::AsyncFits);
    assert_eq!(verdict.hint.unwrap(), format!("{said}, if independent"));
}

#[test]
fn sync_endpoint_that_waits_names_what_its_threads_can_serve() {
    let mut phases = Phases::default();
    phases.add(Phase::WaitingInThread, 200 * 100 * MS);
    let window = Window {
        phases,
        ran_in_thread: 200,
        in_threads: 200 * 100 * MS,
        blocked_in_threads: 200 * 100 * MS,
        suspended: 0,
        ..waiting()
    };
    let verdict = judge(window, Some((Place::Pool, Reason::New)));
    assert_eq!(verdict.kind, VerdictKind::WaitsInThread);
    assert_eq!(
        verdict.finding,
        "holds a thread for 100 ms and waits in it 100 % of that: 40 threads serve at most 400 requests a second"
    );
    let short = judge(waiting(), Some((Place::InPlace, Reason::Short)));
    assert_eq!(short.kind, VerdictKind::SyncFits);
}

/// A full pool refuses requests because its threads wait.
#[test]
fn refused_requests_do_not_hide_that_threads_wait() {
    let window = Window {
        ran_in_thread: 13,
        in_threads: 13 * 5 * MS,
        blocked_in_threads: 13 * 4 * MS,
        succeeded: 13,
        suspended: 0,
        ..waiting()
    };
    let verdict = judge(window, Some((Place::Pool, Reason::New)));
    assert_eq!(verdict.kind, VerdictKind::WaitsInThread, "{verdict:?}");
}

#[test]
fn time_that_the_machine_took_from_a_thread_does_not_hide_that_it_waits() {
    let mut phases = Phases::default();
    phases.add(Phase::WaitingInThread, 200 * 5 * MS);
    phases.add(Phase::Preempted, 200 * 8 * MS);
    let window = Window {
        phases,
        ran_in_thread: 200,
        in_threads: 200 * 14 * MS,
        blocked_in_threads: 200 * 5 * MS,
        preempted_in_threads: 200 * 8 * MS,
        suspended: 0,
        ..waiting()
    };
    let verdict = judge(window, Some((Place::Pool, Reason::New)));
    assert_eq!(verdict.kind, VerdictKind::WaitsInThread);
    let computes = Window {
        preempted_in_threads: 0,
        ..window
    };
    let verdict = judge(computes, Some((Place::Pool, Reason::New)));
    assert_eq!(verdict.kind, VerdictKind::SyncFits);
}

#[test]
fn requests_whose_clients_left_their_jobs_behind_are_no_ground_for_a_sync_verdict() {
    let place = Some((Place::Pool, Reason::New));
    let left = |left_jobs| Window {
        left_jobs,
        suspended: 0,
        ..waiting()
    };
    assert_eq!(judge(left(170), place).kind, VerdictKind::SyncFits);
    let verdict = judge(left(171), place);
    assert_eq!(verdict.kind, VerdictKind::TooEarly);
    assert_eq!(
        verdict.finding,
        "29 requests so far, of 30 that a verdict needs"
    );
}

#[test]
fn every_verdict_that_is_not_good_advises() {
    use VerdictKind::*;
    let words = waiting();
    let subject = Subject {
        window: words,
        place: None,
        pool_threads: 40,
        judged: true,
    };
    let thresholds = Thresholds::default();
    for kind in [
        BlocksEventLoop,
        ComputesOnEventLoop,
        NeverWaits,
        WaitsInThread,
        CouldOverlap,
        SlowPolls,
    ] {
        let advice = Words::new(&subject, &thresholds).advice(kind).unwrap();
        assert!(advice.contains('`'), "names the function to call: {advice}");
    }
}
