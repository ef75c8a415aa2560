//! The corpus: handlers as people write them, good and bad, each with the verdict it deserves.
//!
//! They run on a real server, over real sockets, at the default thresholds. There are three passes:
//! one handler after the other on the machine as it is, all handlers at once, and one after the
//! other while other processes keep all cores busy.
//!
//! `cargo test -p sabr --test corpus -- --nocapture --include-ignored` runs all three and shows the
//! tables. `CORPUS_ROUNDS=10` runs ten rounds of each and counts how often each verdict was right.
//! `CORPUS_ONLY=json` runs the cases with `json` in their names.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod blocking;
mod busy;
mod calling;
mod case;
mod computing;
mod ended_early;
mod never_waiting;
mod offloaded;
mod round;
mod sequences;
mod streams;
mod sync_endpoints;
mod table;
mod upstream;
mod waiting;
mod work;

use std::sync::{Mutex, PoisonError};

use self::busy::Busy;
use self::case::Case;
use self::round::Order;
use self::table::Tally;
use self::upstream::Upstream;

/// Runs one pass at a time, because a pass keeps the machine busy for the others.
static MACHINE: Mutex<()> = Mutex::new(());

fn all(upstream: Upstream) -> Vec<Case> {
    let only = std::env::var("CORPUS_ONLY").unwrap_or_default();
    [
        blocking::cases(upstream),
        computing::cases(),
        waiting::cases(upstream),
        never_waiting::cases(),
        offloaded::cases(),
        sync_endpoints::cases(upstream),
        sequences::cases(),
        streams::cases(),
        ended_early::cases(upstream),
    ]
    .into_iter()
    .flatten()
    .filter(|case| case.name.contains(&only))
    .collect()
}

fn every_verdict_is_right(machine: &str, order: Order) {
    let rounds = std::env::var("CORPUS_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap());
    let mut tally = Tally::default();
    for round in 1..=rounds {
        let judged = round::run(order);
        println!(
            "{machine}, round {round} of {rounds}\n{}",
            table::show(&judged)
        );
        tally.count(&judged);
    }
    println!("{machine}: {tally}");
    assert!(tally.is_all_right(), "{machine}: {tally}");
}

#[test]
fn verdicts_are_right_on_the_machine_as_it_is() {
    let _machine = MACHINE.lock().unwrap_or_else(PoisonError::into_inner);
    every_verdict_is_right("as it is", Order::OneByOne);
}

/// Bad handlers do not change the verdicts on good ones.
#[test]
#[ignore = "keeps all cores busy for some seconds; run it with --include-ignored"]
fn verdicts_are_right_with_all_handlers_called_at_once() {
    let _machine = MACHINE.lock().unwrap_or_else(PoisonError::into_inner);
    every_verdict_is_right("all at once", Order::AllAtOnce);
}

#[test]
#[ignore = "keeps all cores busy for a minute; run it with --include-ignored"]
fn verdicts_are_right_with_all_cores_busy_from_other_processes() {
    let _machine = MACHINE.lock().unwrap_or_else(PoisonError::into_inner);
    let _busy = Busy::begin();
    every_verdict_is_right("busy", Order::OneByOne);
}

#[test]
fn corpus_is_large_and_its_names_are_told_apart() {
    let mut names: Vec<_> = all(Upstream::nowhere())
        .iter()
        .map(|case| case.name)
        .collect();
    assert!(names.len() >= 45, "{}", names.len());
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all(Upstream::nowhere()).len());
}
