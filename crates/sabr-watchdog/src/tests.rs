//! Real threads that block until the watchdog has reported them.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use crate::{Name, PollId, Report, ThreadState, Watchdog, enter, now_ns, pause};

/// Longer than any report takes on the slowest machine.
const FOREVER: Duration = Duration::from_secs(60);

/// A watchdog, the id of a poll of it, and its reports.
pub(super) fn watchdog(limit: Duration) -> (Watchdog, PollId, Receiver<Report>) {
    let watchdog = Watchdog::new(limit);
    let (sender, reports) = mpsc::channel();
    watchdog.start_reporting(
        Arc::new(|poll| Name {
            kind: "GET",
            name: format!("/{poll}"),
        }),
        move |report| {
            // A test that has ended does not listen.
            let _ = sender.send(report.clone());
        },
    );
    let id = watchdog.poll_id(7);
    (watchdog, id, reports)
}

/// The next report that is not about a busy machine.
pub(super) fn next(reports: &Receiver<Report>) -> Report {
    loop {
        let report = reports.recv_timeout(FOREVER).unwrap();
        if !matches!(report, Report::Starved { .. }) {
            return report;
        }
    }
}

#[test]
fn a_stall_is_reported_while_it_lasts_and_when_it_has_ended() {
    let (watchdog, id, reports) = watchdog(Duration::from_millis(20));
    let inside = enter(now_ns(), id);
    let Report::Stalled { stall, suppressed } = next(&reports) else {
        panic!("it has not ended");
    };
    assert_eq!((stall.name.to_string().as_str(), suppressed), ("GET /7", 0));
    assert!(stall.in_progress);
    assert!(stall.duration >= Duration::from_millis(20));
    if cfg!(target_os = "linux") {
        assert_eq!(stall.state, ThreadState::Blocked);
    }
    let [listed] = &*watchdog.stalls() else {
        panic!("one stall is listed");
    };
    assert!(listed.in_progress && listed.duration >= stall.duration);

    drop(inside);
    let Report::Ended { stall: ended } = next(&reports) else {
        panic!("it was reported before");
    };
    assert!(!ended.in_progress && ended.duration > stall.duration);
    let listed = watchdog.stalls();
    assert_eq!(listed[0].duration, ended.duration);
    assert!(!listed[0].in_progress);
}

#[test]
fn a_stall_is_reported_by_the_watchdog_of_its_poll() {
    let (_mine, mine, my_reports) = watchdog(Duration::from_millis(20));
    let (_other, other, other_reports) = watchdog(Duration::from_millis(20));
    let inside = enter(now_ns(), other);
    next(&other_reports);
    drop(inside);
    next(&other_reports);
    let _inside = enter(now_ns(), mine);
    next(&my_reports);
    assert!(my_reports.try_recv().is_err());
    assert!(other_reports.try_recv().is_err());
}

#[test]
fn a_pause_is_no_stall() {
    let limit = Duration::from_millis(20);
    let (watchdog, id, reports) = watchdog(limit);
    let _inside = enter(now_ns(), id);
    {
        let _paused = pause();
        // The stall of another thread is seen meanwhile, and that of this one is not.
        let other = thread::spawn(move || {
            let inside = enter(now_ns(), PollId { poll: 8, ..id });
            let Report::Stalled { stall, .. } = next(&reports) else {
                panic!("it has not ended");
            };
            assert_eq!(stall.name.name, "/8");
            drop(inside);
            next(&reports);
            reports
        });
        let reports = other.join().unwrap();
        assert!(reports.try_recv().is_err());
    }
    assert_eq!(watchdog.stalls().len(), 1);
}

#[test]
fn the_second_stall_of_the_same_poll_is_listed_and_not_reported() {
    let (watchdog, id, reports) = watchdog(Duration::from_millis(20));
    let inside = enter(now_ns(), id);
    next(&reports);
    drop(inside);
    next(&reports);
    // It holds still: one that asked again and again would be found to want a CPU, on a busy
    // machine.
    let (end, ended) = mpsc::channel::<()>();
    let stalled = thread::spawn(move || {
        let _inside = enter(now_ns(), id);
        let _ = ended.recv();
    });
    while watchdog.stalls().len() < 2 {
        thread::yield_now();
    }
    drop(end);
    stalled.join().unwrap();
    // The next report is that of another poll.
    let _inside = enter(now_ns(), PollId { poll: 8, ..id });
    let Report::Stalled { stall, suppressed } = next(&reports) else {
        panic!("it has not ended");
    };
    assert_eq!((&*stall.name.name, suppressed), ("/8", 1));
}

#[test]
fn the_thread_ends_when_the_watchdog_is_dropped() {
    let (watchdog, _, reports) = watchdog(Duration::from_millis(20));
    drop(watchdog);
    // The thread owns the other end.
    let ended = reports.recv_timeout(FOREVER);
    assert!(matches!(ended, Err(mpsc::RecvTimeoutError::Disconnected)));
}

#[test]
fn a_limit_of_zero_starts_nothing() {
    let (_watchdog, id, reports) = watchdog(Duration::ZERO);
    let _inside = enter(now_ns(), id);
    let ended = reports.recv_timeout(FOREVER);
    assert!(matches!(ended, Err(mpsc::RecvTimeoutError::Disconnected)));
}

#[tokio::test]
async fn a_watched_future_is_reported_by_its_name() {
    let watchdog = Watchdog::new(Duration::from_millis(20));
    let stall = watchdog
        .watch("import", async {
            while watchdog.stalls().is_empty() {
                thread::sleep(Duration::from_millis(1));
            }
            watchdog.stalls().remove(0)
        })
        .await;
    assert_eq!(stall.name.to_string(), "task import");
    assert_eq!(watchdog.stall_count(), 1);
}
