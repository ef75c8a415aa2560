//! In the place of `stack` where it can't be had.

use std::ops::Range;

use crate::ledger::snapshot::Frame;

/// There is none.
#[derive(Debug)]
pub(super) enum Stack {}

impl Stack {
    pub(super) fn resolve(self) -> Vec<Frame> {
        match self {}
    }
}

pub(super) fn prepare() {}

pub(super) fn of_this_thread() -> Range<usize> {
    0..0
}

pub(super) fn capture(_tid: i32, _stack: &Range<usize>) -> Option<Stack> {
    None
}
