//! The handlers, by group.

#![expect(
    clippy::too_many_lines,
    reason = "a list of handlers is read one handler at a time"
)]

mod background;
mod blocking;
mod blocking_io;
mod blocking_processes;
mod blocking_signals;
mod bodies;
mod bodies_in_pieces;
mod computing;
mod computing_by_amount;
mod ended_early;
mod failing;
mod fallbacks;
mod layers;
mod middleware;
mod mixed;
mod mixed_blocking;
mod never_waiting;
mod not_overlapping;
mod offloaded;
mod offloaded_by_tasks;
mod overlapping;
mod pools;
mod routing;
mod servers;
mod streams;
mod streams_holding_up;
mod sync_endpoints;
mod sync_waiting;
mod waiting;
mod waiting_for_channels;
mod waiting_for_database;
mod waiting_io;
mod waiting_together;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::case::Case;

/// What handlers say that panic on purpose.
pub(crate) const EXPECTED_PANIC: &str = "a handler of the corpus panics";

pub(crate) fn groups() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("waiting", waiting::cases()),
        ("waiting for channels", waiting_for_channels::cases()),
        ("waiting together", waiting_together::cases()),
        ("waiting for io", waiting_io::cases()),
        ("waiting for a database", waiting_for_database::cases()),
        ("never waiting", never_waiting::cases()),
        ("blocking", blocking::cases()),
        ("blocking signals", blocking_signals::cases()),
        ("blocking io", blocking_io::cases()),
        ("blocking processes", blocking_processes::cases()),
        ("computing", computing::cases()),
        ("computing by amount", computing_by_amount::cases()),
        ("mixed", mixed::cases()),
        ("mixed blocking", mixed_blocking::cases()),
        ("sync endpoints", sync_endpoints::cases()),
        ("sync, waiting", sync_waiting::cases()),
        ("offloaded", offloaded::cases()),
        ("offloaded by tasks", offloaded_by_tasks::cases()),
        ("overlapping", overlapping::cases()),
        ("not overlapping", not_overlapping::cases()),
        ("request bodies", bodies::cases()),
        ("bodies in pieces", bodies_in_pieces::cases()),
        ("response streams", streams::cases()),
        ("streams holding up", streams_holding_up::cases()),
        ("middleware", middleware::cases()),
        ("layers", layers::cases()),
        ("routing", routing::cases()),
        ("fallbacks, neighbours", fallbacks::cases()),
        ("pools", pools::cases()),
        ("background", background::cases()),
        ("failing", failing::cases()),
        ("ended early", ended_early::cases()),
        ("servers", servers::cases()),
    ]
}

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Counts calls, for handlers that do something in some of them.
#[derive(Debug, Default)]
struct Calls(AtomicUsize);

impl Calls {
    const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    fn next(&self) -> usize {
        self.0.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether this is the last of each `n` calls.
    fn one_in(&self, n: usize) -> bool {
        self.next() % n == n - 1
    }
}
