use std::future::{pending, poll_fn};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use axum::Router;
use axum::routing::get;
use futures_util::future::join;
use sabr::ledger::{Phase, VerdictKind};
use tokio::sync::{Notify, oneshot};

use super::driven::{Driven, Time};

/// An app that computes for 1 ms, waits for `event`, computes for 2 ms, and answers.
fn waits_for(event: Arc<Notify>) -> impl FnOnce(Time) -> Router {
    move |time| {
        let handler = || async move {
            time.passes(1);
            event.notified().await;
            time.passes(2);
            "done"
        };
        Router::new().route("/", get(handler))
    }
}

#[test]
fn wake_divides_waiting_from_queued() {
    let event = Arc::new(Notify::new());
    let driven = Driven::new(waits_for(Arc::clone(&event)));
    let mut call = driven.call();
    call.is_pending();
    driven.time.passes(10);
    event.notify_one();
    assert_eq!(call.wakes(), 1);
    driven.time.passes(5);
    call.finish();
    driven.check(&[
        (Phase::Waiting, 10),
        (Phase::Computing, 3),
        (Phase::Queued, 5),
    ]);
}

/// Trap: each poll of a request must use the same waker, so that `will_wake` avoids a clone.
#[test]
fn request_has_one_waker() {
    let wakers: Arc<Mutex<Vec<Waker>>> = Arc::default();
    let seen = Arc::clone(&wakers);
    let driven = Driven::new(|_| {
        let handler = || async move {
            poll_fn(|cx| {
                let mut seen = seen.lock().unwrap();
                seen.push(cx.waker().clone());
                if seen.len() < 3 {
                    Poll::Pending
                } else {
                    Poll::Ready(())
                }
            })
            .await;
        };
        Router::new().route("/", get(handler))
    });
    let mut call = driven.call();
    call.is_pending();
    call.is_pending();
    call.finish();
    let wakers = wakers.lock().unwrap();
    assert!(wakers[0].will_wake(&wakers[1]) && wakers[1].will_wake(&wakers[2]));
}

/// Trap: a poll without a wake of the request does not end its waiting. Such polls come from
/// `join!`, `select!`, and bytes of the next request on the connection.
#[test]
fn poll_by_a_sibling_leaves_the_request_waiting() {
    let event = Arc::new(Notify::new());
    let driven = Driven::new(waits_for(Arc::clone(&event)));
    let mut call = driven.call();
    call.is_pending();
    for _ in 0..20 {
        driven.time.passes(20);
        call.is_pending();
    }
    event.notify_one();
    call.finish();
    driven.check(&[(Phase::Waiting, 400), (Phase::Computing, 3)]);
}

/// Trap: one future of a `join!` wakes the request at each tick, while the other one still waits.
#[test]
fn wait_beside_a_ticker_is_waiting_but_for_the_ticks() {
    let (tick, event) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (ticks, ends) = (Arc::clone(&tick), Arc::clone(&event));
    let driven = Driven::new(|_| {
        let handler = || async move {
            let ticker = async {
                for _ in 0..20 {
                    ticks.notified().await;
                }
            };
            join(ticker, ends.notified()).await;
        };
        Router::new().route("/", get(handler))
    });
    let mut call = driven.call();
    call.is_pending();
    for _ in 0..20 {
        driven.time.passes(20);
        tick.notify_one();
        driven.time.passes(1);
        call.is_pending();
    }
    event.notify_one();
    call.finish();
    driven.check(&[(Phase::Waiting, 400), (Phase::Queued, 20)]);
}

/// Trap: a future that wakes itself in its poll is queued from the end of that poll.
#[test]
fn waking_itself_is_queueing() {
    let driven = Driven::new(|time| {
        let handler = || async move {
            let mut polls = 0;
            poll_fn(|cx| {
                polls += 1;
                cx.waker().wake_by_ref();
                time.passes(20);
                if polls < 5 {
                    Poll::Pending
                } else {
                    Poll::Ready(())
                }
            })
            .await;
        };
        Router::new().route("/", get(handler))
    });
    let mut call = driven.call();
    for polls in 1..5 {
        call.is_pending();
        assert_eq!(call.wakes(), polls);
        driven.time.passes(1);
    }
    call.finish();
    driven.check(&[(Phase::Computing, 100), (Phase::Queued, 4)]);
    assert_eq!(
        driven.endpoint().endpoint.verdict.kind,
        VerdictKind::TooEarly
    );
}

/// Trap: a task that has spent tokio's budget yields, but it does not wait.
#[tokio::test]
async fn cooperative_yield_is_queueing() {
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    for number in 0..1000 {
        sender.send(number).unwrap();
    }
    drop(sender);
    let receiver = Arc::new(tokio::sync::Mutex::new(receiver));
    let driven = Driven::new(|_| {
        let handler = || async move {
            let mut receiver = receiver.lock().await;
            while receiver.recv().await.is_some() {}
        };
        Router::new().route("/", get(handler))
    });
    let mut call = driven.call();
    let mut yields = 0;
    let time = driven.time.clone();
    let response = poll_fn(|cx| {
        let polled = call.poll();
        if polled.is_pending() {
            yields += 1;
            time.passes(1);
            cx.waker().wake_by_ref();
        }
        polled
    })
    .await;
    drop(response);
    assert!(yields > 0, "the budget was never spent");
    driven.check(&[(Phase::Queued, yields)]);
}

#[test]
fn select_that_drops_the_loser_counts_once() {
    let event = Arc::new(Notify::new());
    let ends = Arc::clone(&event);
    let driven = Driven::new(|_| {
        let handler = || async move {
            tokio::select! {
                () = ends.notified() => "won",
                () = pending::<()>() => "lost",
            }
        };
        Router::new().route("/", get(handler))
    });
    let mut call = driven.call();
    call.is_pending();
    driven.time.passes(30);
    event.notify_one();
    call.finish();
    driven.check(&[(Phase::Waiting, 30)]);
}

/// Trap: a task may run each of its polls on another thread.
#[test]
fn request_that_moves_between_threads_is_one_request() {
    let event = Arc::new(Notify::new());
    let driven = Driven::new(waits_for(Arc::clone(&event)));
    let mut call = driven.call();
    call.is_pending();
    let (time, notify) = (driven.time.clone(), Arc::clone(&event));
    std::thread::spawn(move || {
        time.passes(10);
        call.is_pending();
        notify.notify_one();
        call.finish();
    })
    .join()
    .unwrap();
    driven.check(&[(Phase::Waiting, 10), (Phase::Computing, 3)]);
}

#[test]
fn stretches_of_a_kept_request_have_no_gaps() {
    let (give, take) = oneshot::channel();
    let take = Arc::new(Mutex::new(Some(take)));
    let driven = Driven::new(|time| {
        let handler = || async move {
            time.passes(1);
            let take = take.lock().unwrap().take().unwrap();
            let answer: &'static str = take.await.unwrap();
            time.passes(2);
            answer
        };
        Router::new().route("/", get(handler))
    });
    let mut call = driven.call();
    call.is_pending();
    driven.time.passes(3);
    give.send("done").unwrap();
    driven.time.passes(4);
    call.finish();
    let kept = driven.kept();
    let stretches: Vec<_> = kept
        .segments
        .iter()
        .map(|s| (s.phase, (s.from * 1e3).round(), (s.to * 1e3).round()))
        .collect();
    assert_eq!(
        stretches,
        [
            (Phase::Computing, 0.0, 1.0),
            (Phase::Waiting, 1.0, 4.0),
            (Phase::Queued, 4.0, 8.0),
            (Phase::Computing, 8.0, 10.0),
        ]
    );
    assert_eq!((kept.duration * 1e3).round(), 10.0);
}
