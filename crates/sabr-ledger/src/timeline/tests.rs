use super::*;

const MS: u64 = 1_000_000;

fn spent(computing: u64, blocked: u64, preempted: u64) -> Spent {
    Spent {
        computing,
        blocked,
        preempted,
        unknown: 0,
    }
}

fn computed(nanos: u64) -> Spent {
    Spent::all_computing(nanos)
}

#[track_caller]
fn check(timeline: &Timeline, expected: &[(Phase, u64)]) {
    let phases = timeline.phases();
    for phase in Phase::ALL.iter().copied() {
        let expected = expected.iter().find(|(of, _)| *of == phase);
        let expected = expected.map_or(0, |(_, nanos)| *nanos);
        assert_eq!(phases.nanos(phase), expected, "{phase}: {phases:?}");
    }
    let drawn: f64 = timeline
        .trace
        .segments()
        .iter()
        .map(|s| s.to - s.from)
        .sum();
    let total = phases.total().as_secs_f64();
    assert!(
        (drawn - total).abs() < 1e-9,
        "drawn {drawn}, counted {total}"
    );
}

#[test]
fn wake_splits_the_gap_between_two_polls() {
    let mut timeline = Timeline::polled();
    timeline.poll_ends(MS, computed(MS), false, PollSite::Head);
    timeline.queue(6 * MS);
    timeline.poll_begins(8 * MS, true);
    timeline.poll_ends(9 * MS, computed(MS), true, PollSite::Head);
    timeline.finish(9 * MS);
    let expected = [
        (Phase::Computing, 2 * MS),
        (Phase::Waiting, 5 * MS),
        (Phase::Queued, 2 * MS),
    ];
    check(&timeline, &expected);
    assert!(timeline.observed.suspended);
}

#[test]
fn poll_by_a_sibling_leaves_the_gap_waiting() {
    let mut timeline = Timeline::polled();
    timeline.poll_ends(MS, computed(MS), false, PollSite::Head);
    for at in [10, 20, 30] {
        timeline.poll_begins(at * MS, false);
        timeline.poll_ends(at * MS, computed(0), false, PollSite::Head);
    }
    timeline.poll_begins(40 * MS, false);
    timeline.poll_ends(41 * MS, computed(MS), true, PollSite::Head);
    timeline.finish(41 * MS);
    check(
        &timeline,
        &[(Phase::Computing, 2 * MS), (Phase::Waiting, 39 * MS)],
    );
}

#[test]
fn wake_inside_its_own_poll_queues_from_the_end_of_the_poll() {
    let mut timeline = Timeline::polled();
    timeline.queue(MS);
    timeline.poll_ends(20 * MS, computed(20 * MS), false, PollSite::Head);
    timeline.poll_begins(21 * MS, true);
    timeline.poll_ends(40 * MS, computed(19 * MS), true, PollSite::Head);
    timeline.finish(40 * MS);
    check(
        &timeline,
        &[(Phase::Computing, 39 * MS), (Phase::Queued, MS)],
    );
    assert!(!timeline.observed.suspended);
}

#[test]
fn poll_is_split_as_the_thread_spent_it() {
    let mut timeline = Timeline::polled();
    timeline.poll_ends(
        60 * MS,
        spent(20 * MS, 30 * MS, 10 * MS),
        true,
        PollSite::Head,
    );
    timeline.finish(60 * MS);
    let expected = [
        (Phase::Computing, 20 * MS),
        (Phase::Blocked, 30 * MS),
        (Phase::Preempted, 10 * MS),
    ];
    check(&timeline, &expected);
    assert_eq!(timeline.observed.blocked_in_poll, 30 * MS);
}

#[test]
fn job_on_a_pool_waits_in_its_thread_and_nobody_is_suspended() {
    let mut timeline = Timeline::polled();
    timeline.queue(MS);
    timeline.poll_ends(2 * MS, computed(2 * MS), false, PollSite::Head);
    timeline.job_begins(5 * MS);
    timeline.job_ends(15 * MS, spent(4 * MS, 6 * MS, 0), true);
    timeline.queue(15 * MS);
    timeline.poll_begins(16 * MS, true);
    timeline.poll_ends(17 * MS, computed(MS), true, PollSite::Head);
    timeline.finish(17 * MS);
    let expected = [
        (Phase::Computing, 7 * MS),
        (Phase::WaitingInThread, 6 * MS),
        (Phase::Queued, 4 * MS),
    ];
    check(&timeline, &expected);
    assert!(timeline.observed.offloaded && !timeline.observed.suspended);
}

#[test]
fn parts_side_by_side_count_each_nanosecond_once() {
    let mut timeline = Timeline::polled();
    timeline.queue(0);
    timeline.job_begins(0);
    timeline.queue(0);
    timeline.job_begins(2 * MS);
    timeline.poll_ends(3 * MS, computed(3 * MS), false, PollSite::Head);
    timeline.job_ends(10 * MS, spent(0, 10 * MS, 0), true);
    timeline.job_ends(12 * MS, computed(10 * MS), true);
    timeline.finish(12 * MS);
    assert_eq!(timeline.phases().total().as_nanos(), u128::from(12 * MS));
    check(
        &timeline,
        &[(Phase::Computing, 3 * MS), (Phase::WaitingInThread, 9 * MS)],
    );
}

#[test]
fn what_runs_on_after_the_end_is_unknown() {
    let mut timeline = Timeline::polled();
    timeline.poll_ends(MS, computed(MS), false, PollSite::Head);
    timeline.queue(MS);
    timeline.job_begins(MS);
    timeline.finish(5 * MS);
    check(
        &timeline,
        &[(Phase::Computing, MS), (Phase::Unknown, 4 * MS)],
    );
    assert!(timeline.observed.left_job);
}

#[test]
fn job_that_has_ended_was_not_left() {
    let mut timeline = Timeline::polled();
    timeline.queue(0);
    timeline.poll_ends(MS, computed(MS), false, PollSite::Head);
    timeline.job_begins(MS);
    timeline.job_ends(5 * MS, computed(4 * MS), true);
    timeline.queue(5 * MS);
    timeline.finish(6 * MS);
    assert!(!timeline.observed.left_job, "only its answer is not polled");
}

#[test]
fn short_stretch_after_a_piece_of_the_response_is_the_connection_at_work() {
    let mut timeline = Timeline::polled();
    timeline.poll_ends(MS, computed(MS), true, PollSite::Head);
    timeline.poll_begins(MS + CONNECTION_WORK / 2, false);
    timeline.poll_ends(2 * MS, computed(MS), true, PollSite::Head);
    timeline.finish(50 * MS);
    check(
        &timeline,
        &[(Phase::Computing, 2 * MS), (Phase::Waiting, 48 * MS)],
    );
    assert_eq!(timeline.observed.waited_for_client, 48 * MS);
    assert!(
        !timeline.observed.suspended,
        "its client is slow, not the handler"
    );
}

#[test]
fn waiting_for_the_body_of_the_request_is_no_suspension() {
    let mut timeline = Timeline::polled();
    timeline.body_is_late();
    timeline.poll_ends(MS, computed(MS), false, PollSite::Head);
    timeline.queue(9 * MS);
    timeline.poll_begins(9 * MS, true);
    timeline.poll_ends(10 * MS, computed(MS), true, PollSite::Head);
    timeline.finish(10 * MS);
    check(
        &timeline,
        &[(Phase::Computing, 2 * MS), (Phase::Waiting, 8 * MS)],
    );
    assert!(!timeline.observed.suspended);
}

mod any_order_of_events {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sums_to_the_whole(events in prop::collection::vec((0_u8..8, 0_u64..1000, 0_u64..1000), 0..200)) {
            let mut timeline = Timeline::polled();
            let mut now = 0;
            for (event, step, off) in events {
                now += step;
                match event {
                    0 => timeline.poll_begins(now, false),
                    1 => timeline.poll_begins(now, true),
                    2 => timeline.poll_ends(now, spent(step, off, 0), false, PollSite::Head),
                    3 => timeline.poll_ends(now, spent(0, off, step), true, PollSite::Head),
                    4 => timeline.queue(now),
                    5 => timeline.unqueue(now),
                    6 => timeline.job_begins(now),
                    _ => timeline.job_ends(now, spent(off, step, off), true),
                }
            }
            timeline.finish(now);
            prop_assert_eq!(timeline.phases().total().as_nanos(), u128::from(now));
        }
    }
}
