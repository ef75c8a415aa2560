//! Kills the process repeatedly while it works.
//!
//! `TODO_KILL_ROUNDS=1000 cargo test -p todo --test it durability::kill` runs that many rounds.

use std::sync::Arc;

use super::history::{Todos, check};
use super::load::{Load, Position, all_todos};
use super::rounds;
use crate::process::Process;
use crate::random::Random;
use crate::server::Client;

/// The number of kills that one database survives before a round begins with an empty one.
const ROUNDS_PER_DATABASE: u64 = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_a_kill() {
    let rounds = rounds("TODO_KILL_ROUNDS", 4);
    let nowhere: Position = Arc::new(|| 0);
    let mut folder = tempfile::tempdir().unwrap();
    let (mut before, mut answered) = (Todos::new(), 0);
    for round in 0..rounds {
        // Each round reads all todos, and the load only adds to them.
        if round % ROUNDS_PER_DATABASE == 0 {
            folder = tempfile::tempdir().unwrap();
            before = Todos::new();
        }
        let database = folder.path().join("todo.db");
        let start = || Process::start(&database, &["--log-level", "off"]);
        let process = start();
        // The moment differs from round to round, so that it falls anywhere in a commit.
        let load = Load::start(
            &process.address,
            1 + Random::new(round).below(1000),
            &nowhere,
        );
        load.reached().await;
        process.kill();
        let writes = load.end().await;
        answered += writes
            .iter()
            .filter(|write| write.answered_at.is_some())
            .count();

        let process = start();
        let found = all_todos(&Client::new(process.address.clone())).await;
        check(&before, &writes, u64::MAX, &found)
            .unwrap_or_else(|lost| panic!("round {round}: {lost}"));
        before = found;
        process.kill();
    }
    println!("{rounds} rounds, {answered} writes answered, none lost");
}
