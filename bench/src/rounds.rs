//! Peers take turns, so that other load on the machine affects all of them alike.

use std::time::Duration;

use crate::Load;
use crate::load::{self, Turn};
use crate::peer::Peer;

/// The name of a peer, the peer, and the request that it is sent.
pub(crate) type Contender<'a> = (&'a str, &'a Peer, String);

/// Lets the contenders take turns, and prints the rate of the first one as a ratio to each.
pub(crate) async fn run(load: &Load, contenders: &[Contender<'_>]) {
    let time = Duration::from_secs_f64(load.seconds);
    let mut turns = vec![Vec::new(); contenders.len()];
    for _ in 0..load.rounds {
        for ((_, peer, request), turns) in contenders.iter().zip(&mut turns) {
            turns.push(load::run(&peer.address, request, load.connections, time).await);
        }
    }
    println!(
        "| {:<28} | requests/s | p50 ms | p99 ms | the first, against it (each round) |",
        ""
    );
    println!("|{:-<30}|-----------:|-------:|-------:|---|", "");
    for ((name, ..), theirs) in contenders.iter().zip(&turns) {
        let ratios: Vec<_> = turns[0]
            .iter()
            .zip(theirs)
            .map(|(a, b)| a.rate / b.rate)
            .collect();
        let each: Vec<_> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
        println!(
            "| {name:<28} | {:>10.0} | {:>6.2} | {:>6.2} | **{:.2}** ({}) |",
            median(theirs.iter().map(|turn| turn.rate)),
            median(theirs.iter().map(|turn| ms(turn, |turn| turn.p50))),
            median(theirs.iter().map(|turn| ms(turn, |turn| turn.p99))),
            median(ratios.iter().copied()),
            each.join(" "),
        );
    }
}

fn ms(turn: &Turn, of: impl Fn(&Turn) -> Duration) -> f64 {
    of(turn).as_secs_f64() * 1e3
}

/// The middle value.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
