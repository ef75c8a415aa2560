use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use futures_util::future::join;
use sabr::ledger::VerdictKind;
use sabr::{Sabr, overlap, wait};
use tokio::sync::Notify;

use super::driven::Driven;

fn ms(seconds: f64) -> u64 {
    (seconds * 1e3).round() as u64
}

/// Events that a test triggers.
#[derive(Clone, Default)]
struct Events([Arc<Notify>; 3]);

/// Trap: the time of an inner wait is already part of the outer wait.
#[test]
fn wait_inside_a_wait_counts_once_in_each_label() {
    let events = Events::default();
    let inner = events.clone();
    let driven = Driven::new(|_| {
        let handler = || async move {
            wait("outer", async {
                inner.0[0].notified().await;
                wait("inner", inner.0[1].notified()).await;
            })
            .await;
        };
        Router::new().route("/", get(handler))
    });
    let mut call = driven.call();
    call.is_pending();
    driven.time.passes(10);
    events.0[0].notify_one();
    call.is_pending();
    driven.time.passes(5);
    events.0[1].notify_one();
    call.finish();
    let waits = driven.endpoint().endpoint.waits;
    let waits: Vec<_> = waits
        .iter()
        .map(|wait| (wait.label, ms(wait.union), ms(wait.sum)))
        .collect();
    assert_eq!(waits, [("outer", 15, 15), ("inner", 5, 5)]);
    let depths: Vec<_> = driven
        .kept()
        .waits
        .iter()
        .map(|wait| (wait.label, wait.depth))
        .collect();
    assert_eq!(depths, [("outer", 0), ("inner", 1)]);
}

#[test]
fn waits_side_by_side_have_a_union_and_a_sum() {
    let events = Events::default();
    let inner = events.clone();
    let driven = Driven::new(|_| {
        let handler = || async move {
            let [first, second, _] = &inner.0;
            join(wait("db", first.notified()), wait("db", second.notified())).await;
        };
        Router::new().route("/", get(handler))
    });
    let mut call = driven.call();
    call.is_pending();
    driven.time.passes(20);
    events.0[0].notify_one();
    call.is_pending();
    driven.time.passes(10);
    events.0[1].notify_one();
    call.finish();
    let waits = driven.endpoint().endpoint.waits;
    assert_eq!(
        (ms(waits[0].union), ms(waits[0].sum), waits[0].count),
        (30, 50, 2)
    );
}

/// Trap: the time in the queue of a semaphore belongs to its own label, not to the next wait.
#[test]
fn wait_for_a_permit_has_a_label_of_its_own() {
    let permits = Arc::new(tokio::sync::Semaphore::new(0));
    let inner = Arc::clone(&permits);
    let events = Events::default();
    let query = events.clone();
    let driven = Driven::new(|_| {
        let handler = || async move {
            let _permit = wait("permit", inner.acquire()).await.unwrap();
            wait("db", query.0[0].notified()).await;
        };
        Router::new().route("/", get(handler))
    });
    let mut call = driven.call();
    call.is_pending();
    driven.time.passes(40);
    permits.add_permits(1);
    call.is_pending();
    driven.time.passes(2);
    events.0[0].notify_one();
    call.finish();
    let waits = driven.endpoint().endpoint.waits;
    let waits: Vec<_> = waits
        .iter()
        .map(|wait| (wait.label, ms(wait.union)))
        .collect();
    assert_eq!(waits, [("permit", 40), ("db", 2)]);
}

#[test]
fn dropped_wait_is_kept_as_not_finished() {
    let events = Events::default();
    let inner = events.clone();
    let driven = Driven::new(|_| {
        let handler = || async move {
            tokio::select! {
                () = wait("slow", inner.0[0].notified()) => {}
                () = wait("fast", inner.0[1].notified()) => {}
            }
        };
        Router::new().route("/", get(handler))
    });
    let mut call = driven.call();
    call.is_pending();
    driven.time.passes(5);
    events.0[1].notify_one();
    call.finish();
    let mut waits: Vec<_> = driven
        .kept()
        .waits
        .iter()
        .map(|wait| (wait.label, wait.finished, ms(wait.ended)))
        .collect();
    waits.sort();
    assert_eq!(waits, [("fast", true, 5), ("slow", false, 5)]);
}

/// Runs a handler with two waits, of 20 ms and 30 ms, this many times.
fn in_sequence(times: usize, created_first: bool) -> sabr::ledger::Verdict {
    let events = Events::default();
    let inner = events.clone();
    let driven = Driven::new(|_| {
        let handler = move || async move {
            let [first, second, _] = &inner.0;
            if created_first {
                let first = wait("db", first.notified());
                let second = wait("api", second.notified());
                first.await;
                second.await;
            } else {
                wait("db", first.notified()).await;
                wait("api", second.notified()).await;
            }
        };
        Router::new().route("/", get(handler))
    });
    for _ in 0..times {
        let mut call = driven.call();
        call.is_pending();
        driven.time.passes(20);
        events.0[0].notify_one();
        call.is_pending();
        driven.time.passes(30);
        events.0[1].notify_one();
        call.finish();
    }
    driven.endpoint().endpoint.verdict
}

#[test]
fn waits_created_together_and_awaited_in_sequence_could_overlap() {
    let verdict = in_sequence(40, true);
    assert_eq!(verdict.kind, VerdictKind::CouldOverlap);
    assert_eq!(
        verdict.finding,
        "db 20 ms, then api 30 ms: 50 ms; together at most 30 ms"
    );
    assert!(verdict.advice.unwrap().contains("sabr::overlap!"));
}

#[test]
fn waits_that_may_depend_on_each_other_are_a_hint_only() {
    let verdict = in_sequence(40, false);
    assert_eq!(verdict.kind, VerdictKind::AsyncFits);
    assert_eq!(
        verdict.hint.unwrap(),
        "db 20 ms, then api 30 ms: 50 ms; together at most 30 ms, if independent"
    );
}

#[test]
fn overlap_measures_what_it_saves_when_asked_to() {
    let events = Events::default();
    let inner = events.clone();
    let builder = Sabr::builder().overlap_trials(2);
    let driven = Driven::with(builder, |_| {
        let handler = || async move {
            let [first, second, _] = &inner.0;
            overlap!(wait("db", first.notified()), wait("api", second.notified()));
        };
        Router::new().route("/", get(handler))
    });
    for run in 0..40 {
        let mut call = driven.call();
        call.is_pending();
        driven.time.passes(20);
        events.0[0].notify_one();
        call.is_pending();
        // In every second run, `overlap!` starts the second wait only now.
        driven.time.passes(if run % 2 == 0 { 10 } else { 30 });
        events.0[1].notify_one();
        call.finish();
    }
    let verdict = driven.endpoint().endpoint.verdict;
    let measured = "measured with `overlap!`: 30 ms concurrently, 50 ms one after the other";
    assert!(
        verdict.evidence.iter().any(|line| line == measured),
        "{verdict:?}"
    );
}

#[tokio::test]
async fn outside_of_a_request_a_wait_only_waits() {
    assert_eq!(wait("db", async { 7 }).await, 7);
    assert_eq!(overlap!(async { 1 }, async { 2 }), (1, 2));
}
