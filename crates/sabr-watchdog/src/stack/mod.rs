//! The stack of another thread, as functions, files and lines.

mod frames;
mod system;
mod unwind;

use std::ops::Range;

use self::system::Copied;
use crate::stall::{Frame, Library};

/// A copy of a stack. It is resolved later, on a thread that has the time.
#[derive(Debug)]
pub(crate) struct Stack {
    copied: Copied,
}

impl Stack {
    /// The calls from the innermost to the outermost one of the app.
    pub(crate) fn resolve(self, libraries: &[Library]) -> Vec<Frame> {
        frames::of_the_app(frames::resolve(&self.addresses()), libraries)
    }

    /// The addresses of all calls.
    pub(crate) fn addresses(&self) -> Vec<usize> {
        unwind::unwind(&self.copied)
    }
}

/// Installs the signal handler, once a process.
pub(crate) fn prepare() {
    system::install();
}

/// The addresses of the stack of this thread.
pub(crate) fn of_this_thread() -> Range<usize> {
    system::stack_of_this_thread()
}

/// Makes the thread `tid` copy its stack, which has these addresses. Waits for that for a bounded
/// time.
pub(crate) fn capture(tid: i32, stack: &Range<usize>) -> Option<Stack> {
    let copied = system::capture(tid, stack)?;
    Some(Stack { copied })
}
