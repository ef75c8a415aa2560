//! The stack of another thread, as functions, files and lines.

mod frames;
mod signal;

use self::signal::Addresses;
use crate::ledger::snapshot::Frame;

/// A stack that was written down; what its addresses mean is found out later, by somebody who has the time.
#[derive(Debug)]
pub(super) struct Stack {
    addresses: Addresses,
}

impl Stack {
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.addresses.list.is_empty()
    }

    /// The calls from the innermost to the outermost of the app.
    pub(super) fn resolve(self) -> Vec<Frame> {
        frames::of_the_app(frames::resolve(&self.addresses))
    }
}

/// Does what need be done once.
pub(super) fn prepare() {
    signal::install();
}

/// Makes the thread `tid` write down its stack, and waits for it, for a bounded time.
pub(super) fn capture(tid: i32) -> Option<Stack> {
    let addresses = signal::capture(tid)?;
    Some(Stack { addresses })
}
