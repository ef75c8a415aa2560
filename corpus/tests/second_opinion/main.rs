//! A second corpus of handlers with known verdicts, written from the documentation alone: whoever
//! wrote it had not read the rules. The expectation of each handler is what an engineer would say
//! who reads its code.
//!
//! `cargo test -p corpus --test second_opinion -- --nocapture` runs it. The conditions of a run are
//! set by variables of the environment:
//!
//! | Variable | Default | |
//! |---|---|---|
//! | `CORPUS_REQUESTS` | 120 | requests of each handler; fewer than 100 allow no *never waits* |
//! | `CORPUS_THREADS` | 2 | worker threads of the runtime that serves |
//! | `CORPUS_SPINNERS` | 0 | busy processes beside |
//! | `CORPUS_AT_ONCE` | 1 | handlers that are called at the same time |
//! | `CORPUS_CASES` | | only those with this in their name or in that of their group |
//! | `CORPUS_VERBOSE` | | any value: a line for each handler, not only for the wrong ones |

mod busy;
mod case;
mod cases;
mod client;
mod judge;
mod upstream;
mod work;

use std::collections::BTreeMap;
use std::env;
use std::str::FromStr;
use std::time::Instant;

use futures_util::{StreamExt, stream};
use tokio::runtime;

use crate::busy::Spinners;
use crate::case::Case;
use crate::judge::Judged;

fn variable<T: FromStr>(name: &str, default: T) -> T {
    match env::var(name) {
        Ok(value) => value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is {value:?}, which is no number")),
        Err(_) => default,
    }
}

/// The cases of this run. They live as long as the process, because handlers outlive their case.
fn chosen() -> Vec<(&'static str, &'static Case)> {
    let part = env::var("CORPUS_CASES").unwrap_or_default();
    let mut chosen = Vec::new();
    for (group, cases) in cases::groups() {
        for case in cases {
            if group.contains(&part) || case.name.contains(&part) {
                chosen.push((group, &*Box::leak(Box::new(case))));
            }
        }
    }
    chosen
}

/// Handlers of the corpus panic on purpose, which need not be shown.
fn silence_expected_panics() {
    let shown = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let payload = info.payload();
        let formatted = payload.downcast_ref::<String>().map(String::as_str);
        let said = payload.downcast_ref::<&str>().copied().or(formatted);
        if said != Some(cases::EXPECTED_PANIC) {
            shown(info);
        }
    }));
}

fn report(judged: &[Judged]) {
    let mut groups: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for one in judged {
        let (right, total) = groups.entry(one.group).or_default();
        *right += usize::from(one.right);
        *total += 1;
    }
    println!();
    for (group, (right, total)) in groups {
        println!("{group:<24} {right:>3}/{total}");
    }
    let right = judged.iter().filter(|one| one.right).count();
    println!("{:<24} {right:>3}/{}", "all", judged.len());
}

#[test]
fn verdicts_are_those_of_an_engineer_who_reads_the_code() {
    silence_expected_panics();
    work::calibrate();
    let requests = variable("CORPUS_REQUESTS", 120);
    let verbose = env::var("CORPUS_VERBOSE").is_ok();
    let served = runtime::Builder::new_multi_thread()
        .worker_threads(variable("CORPUS_THREADS", 2))
        .enable_all()
        .build()
        .expect("a runtime for the servers");
    let clients = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime for the clients");
    upstream::start();
    let spinners = Spinners::start(variable("CORPUS_SPINNERS", 0));
    let since = Instant::now();
    let judged: Vec<Judged> = clients.block_on(async {
        stream::iter(chosen())
            .map(|(group, case)| judge::judge(served.handle(), group, case, requests))
            .buffered(variable("CORPUS_AT_ONCE", 1))
            .inspect(|one| {
                if !one.right || verbose {
                    let mark = if one.right { "right" } else { "WRONG" };
                    println!("{mark} {}/{} [{:.1?}]", one.group, one.line, one.took);
                }
            })
            .collect()
            .await
    });
    drop(spinners);
    report(&judged);
    println!("in {:.0?}", since.elapsed());
    served.shutdown_background();
    let wrong: Vec<_> = judged
        .iter()
        .filter(|one| !one.right)
        .map(|one| one.name)
        .collect();
    assert!(
        wrong.is_empty(),
        "{} verdicts are wrong: {}",
        wrong.len(),
        wrong.join(", ")
    );
}
