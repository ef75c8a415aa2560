use std::sync::atomic::{AtomicU64, Ordering};

/// Chooses the runs of `overlap!` that await their futures one after the other: every `one_in`-th.
#[derive(Debug)]
pub(crate) struct OverlapTrials {
    one_in: u64,
    runs: AtomicU64,
}

impl OverlapTrials {
    /// 0 for no run.
    pub(crate) fn new(one_in: u64) -> Self {
        let runs = AtomicU64::new(0);
        Self { one_in, runs }
    }

    pub(crate) fn next_is_sequential(&self) -> bool {
        if self.one_in == 0 {
            return false;
        }
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        run % self.one_in == self.one_in - 1
    }
}
