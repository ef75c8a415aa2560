use crate::ledger::window::{SequenceSum, Window};
use crate::{Place, Reason};

/// What is judged.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) window: Window,
    /// Where a sync endpoint runs, and why; `None` for an async handler.
    pub(crate) place: Option<(Place, Reason)>,
    /// Threads of the pool that a sync endpoint runs on.
    pub(crate) pool_threads: usize,
    pub(crate) judged: bool,
}

/// Whether it is worth in most requests: in a few, on a busy machine, anything may take long.
pub(super) fn is_worth_overlapping(sums: &SequenceSum, requests: u64) -> bool {
    sums.worth > requests / 2
}
