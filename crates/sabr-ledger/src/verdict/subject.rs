use crate::place::{Place, Reason};
use crate::window::{SequenceSum, Window};

/// The endpoint that is judged.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) window: Window,
    /// Where a sync endpoint runs, and why; `None` for an async handler.
    pub(crate) place: Option<(Place, Reason)>,
    /// The number of threads of the pool that sync endpoints run on.
    pub(crate) pool_threads: usize,
    pub(crate) judged: bool,
}

/// Whether running the waits concurrently is worth it in most requests. Why: on a busy machine any
/// wait takes long in a few of them.
pub(super) fn is_worth_overlapping(sums: &SequenceSum, requests: u64) -> bool {
    sums.worth > requests / 2
}
