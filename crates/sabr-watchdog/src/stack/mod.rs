//! The stack of another thread, as functions, files and lines.

mod frames;
#[cfg(target_arch = "x86_64")]
mod prologue;
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
    pub(crate) fn resolve(&self, libraries: &[Library]) -> Resolved {
        let calls = unwind::unwind(&self.copied);
        Resolved {
            frames: frames::of_the_app(frames::resolve(&calls.addresses), libraries),
            complete: calls.complete,
        }
    }

    /// Whether the thread was not interrupted.
    pub(crate) fn was_read_from_outside(&self) -> bool {
        self.copied.registers.frame.is_none()
    }

    /// The addresses of all calls, and whether the outermost one is among them.
    #[cfg(test)]
    pub(crate) fn addresses(&self) -> (Vec<usize>, bool) {
        let calls = unwind::unwind(&self.copied);
        (calls.addresses, calls.complete)
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

/// The calls of a stack.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) frames: Vec<Frame>,
    /// Whether the outermost call was found. If not, [`interrupt`] may find more.
    pub(crate) complete: bool,
}

/// The stack of the thread `tid`, which has these addresses. A thread in a system call is read
/// without being disturbed. Any other thread is interrupted.
pub(crate) fn capture(tid: i32, stack: &Range<usize>) -> Option<Stack> {
    let asleep = system::capture_asleep(tid, stack);
    let copied = asleep.or_else(|| system::capture_by_signal(tid, stack))?;
    Some(Stack { copied })
}

/// Interrupts the thread by a signal, and makes it copy its stack. Waits for that for a bounded
/// time.
pub(crate) fn interrupt(tid: i32, stack: &Range<usize>) -> Option<Stack> {
    let copied = system::capture_by_signal(tid, stack)?;
    Some(Stack { copied })
}
