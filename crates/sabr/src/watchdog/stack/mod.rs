//! The stack of another thread, as functions, files and lines.

mod frames;
mod system;
mod unwind;

use std::ops::Range;

use self::system::Copied;
use crate::ledger::snapshot::Frame;

/// A copy of a stack; what is on it is found out later, by somebody who has the time.
#[derive(Debug)]
pub(super) struct Stack {
    copied: Copied,
}

impl Stack {
    /// The calls from the innermost to the outermost of the app.
    pub(super) fn resolve(self) -> Vec<Frame> {
        frames::of_the_app(frames::resolve(&self.addresses()))
    }

    /// The addresses of all calls.
    pub(super) fn addresses(&self) -> Vec<usize> {
        unwind::unwind(&self.copied)
    }
}

/// Does what need be done once.
pub(super) fn prepare() {
    system::install();
}

/// Where the stack of this thread is.
pub(super) fn of_this_thread() -> Range<usize> {
    system::stack_of_this_thread()
}

/// Makes the thread `tid`, whose stack is there, copy it, and waits for it, for a bounded time.
pub(super) fn capture(tid: i32, stack: &Range<usize>) -> Option<Stack> {
    let copied = system::capture(tid, stack)?;
    Some(Stack { copied })
}
