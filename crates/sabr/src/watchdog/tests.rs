//! Real threads, which hold still until the watchdog has spoken.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use super::slot::now_ns;
use super::{Polled, Report, Watchdog, What, enter, pause};

/// Longer than any report takes on the slowest machine.
const FOREVER: Duration = Duration::from_secs(60);

/// A watchdog of its own ledger, and what it says of it.
pub(super) fn watchdog(limit: Duration) -> (Watchdog, What, Receiver<Report>) {
    let watchdog = Watchdog::new(limit);
    let (say, said) = mpsc::channel();
    watchdog.start_with(
        Arc::new(|polled: Polled| ("GET", format!("/{}", polled.to_bits()))),
        Box::new(move |report| {
            // A test that has ended does not listen.
            let _ = say.send(report.clone());
        }),
    );
    let what = watchdog.poll_of(Polled::endpoint(7));
    (watchdog, what, said)
}

/// What it says next that is not about a busy machine.
pub(super) fn next(said: &Receiver<Report>) -> Report {
    loop {
        let report = said.recv_timeout(FOREVER).unwrap();
        if !matches!(report, Report::Starved { .. }) {
            return report;
        }
    }
}

#[test]
fn a_stall_is_reported_while_it_lasts_and_when_it_has_ended() {
    let (watchdog, what, said) = watchdog(Duration::from_millis(20));
    let inside = enter(now_ns(), what);
    let Report::Stalled { stall, suppressed } = next(&said) else {
        panic!("it has not ended");
    };
    assert_eq!((stall.method, &*stall.route, suppressed), ("GET", "/7", 0));
    assert!(stall.in_progress);
    assert!(stall.duration >= 0.020);
    if cfg!(target_os = "linux") {
        assert_eq!(stall.state, "blocked");
    }
    let [listed] = &*watchdog.stalls() else {
        panic!("one stall is listed");
    };
    assert!(listed.in_progress && listed.duration >= stall.duration);

    drop(inside);
    let Report::Ended { stall: ended } = next(&said) else {
        panic!("it was reported before");
    };
    assert!(!ended.in_progress && ended.duration > stall.duration);
    let listed = watchdog.stalls();
    assert_eq!(listed[0].duration.to_bits(), ended.duration.to_bits());
    assert!(!listed[0].in_progress);
}

#[test]
fn a_stall_of_another_ledger_is_another_watchdogs() {
    let (_mine, mine, said_mine) = watchdog(Duration::from_millis(20));
    let (_other, other, said_other) = watchdog(Duration::from_millis(20));
    let inside = enter(now_ns(), other);
    next(&said_other);
    drop(inside);
    next(&said_other);
    let _inside = enter(now_ns(), mine);
    next(&said_mine);
    assert!(said_mine.try_recv().is_err());
    assert!(said_other.try_recv().is_err());
}

#[test]
fn a_pause_is_no_stall() {
    let limit = Duration::from_millis(20);
    let (watchdog, what, said) = watchdog(limit);
    let _inside = enter(now_ns(), what);
    {
        let _paused = pause();
        // The stall of another thread is seen meanwhile, and that of this one is not.
        let other = thread::spawn(move || {
            let polled = Polled::endpoint(8);
            let inside = enter(now_ns(), What { polled, ..what });
            let Report::Stalled { stall, .. } = next(&said) else {
                panic!("it has not ended");
            };
            assert_eq!(stall.route, "/8");
            drop(inside);
            next(&said);
            said
        });
        let said = other.join().unwrap();
        assert!(said.try_recv().is_err());
    }
    assert_eq!(watchdog.stalls().len(), 1);
}

#[test]
fn the_second_stall_of_an_endpoint_is_listed_and_not_reported() {
    let (watchdog, what, said) = watchdog(Duration::from_millis(20));
    let inside = enter(now_ns(), what);
    next(&said);
    drop(inside);
    next(&said);
    // It holds still: one that asked again and again would be found to want a CPU, on a busy machine.
    let (end, ended) = mpsc::channel::<()>();
    let stalled = thread::spawn(move || {
        let _inside = enter(now_ns(), what);
        let _ = ended.recv();
    });
    while watchdog.stalls().len() < 2 {
        thread::yield_now();
    }
    drop(end);
    stalled.join().unwrap();
    // The next report is that of another endpoint.
    let polled = Polled::endpoint(8);
    let _inside = enter(now_ns(), What { polled, ..what });
    let Report::Stalled { stall, suppressed } = next(&said) else {
        panic!("it has not ended");
    };
    assert_eq!((&*stall.route, suppressed), ("/8", 1));
}

#[test]
fn the_thread_ends_when_the_watchdog_is_dropped() {
    let (watchdog, _, said) = watchdog(Duration::from_millis(20));
    drop(watchdog);
    // The thread owns the other end.
    let ended = said.recv_timeout(FOREVER);
    assert!(matches!(ended, Err(mpsc::RecvTimeoutError::Disconnected)));
}

#[test]
fn a_limit_of_zero_starts_nothing() {
    let (_watchdog, what, said) = watchdog(Duration::ZERO);
    let _inside = enter(now_ns(), what);
    let ended = said.recv_timeout(FOREVER);
    assert!(matches!(ended, Err(mpsc::RecvTimeoutError::Disconnected)));
}
