//! Calls on their way to the writer thread.

use std::collections::VecDeque;
use std::time::Duration;

use crate::Error;
use crate::error::Kind;
use crate::primitives::{Condvar, Mutex, MutexGuard};
use crate::write::Call;

/// A bounded queue with many senders and one receiver, which sleeps while it is empty.
pub(crate) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    capacity: usize,
}

struct State {
    calls: VecDeque<Box<dyn Call>>,
    /// Why the queue accepts no more calls, once it is closed.
    closed: Option<Error>,
    /// Calls that have not begun are to fail.
    stopped: bool,
    /// The receiver may leave once the queue is empty.
    ended: bool,
    /// The receiver was told to release the readers' snapshots.
    nudged: bool,
    rejected: u64,
}

/// Why the receiver woke up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// There is a call.
    Call,
    /// The queue is empty and ended.
    End,
    /// The queue is empty: the timeout passed, or [`Queue::nudge`] was called.
    Other,
}

impl Queue {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::new(State {
                calls: VecDeque::new(),
                closed: None,
                stopped: false,
                ended: false,
                nudged: false,
                rejected: 0,
            }),
            filled: Condvar::new(),
            capacity,
        }
    }

    /// Adds a call, if there is room.
    pub(crate) fn push(&self, call: Box<dyn Call>) -> Result<(), Error> {
        let mut state = self.lock();
        if let Some(reason) = &state.closed {
            return Err(reason.clone());
        }
        if state.calls.len() >= self.capacity {
            state.rejected += 1;
            let capacity = self.capacity;
            return Err(Kind::Overloaded { capacity }.into());
        }
        state.calls.push_back(call);
        let was_empty = state.calls.len() == 1;
        drop(state);
        if was_empty {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Moves up to `count` calls into `batch`, without waiting for any.
    pub(crate) fn take(&self, count: usize, batch: &mut VecDeque<Box<dyn Call>>) {
        let mut state = self.lock();
        let count = count.min(state.calls.len());
        batch.extend(state.calls.drain(..count));
    }

    /// As [`Queue::take`], but takes nothing once the queue is stopped.
    pub(crate) fn take_more(&self, count: usize, batch: &mut VecDeque<Box<dyn Call>>) {
        if !self.is_stopped() {
            self.take(count, batch);
        }
    }

    /// Sleeps until there is a call, at most for this long.
    pub(crate) fn wait(&self, timeout: Option<Duration>) -> Wake {
        let idle = |state: &mut State| state.calls.is_empty() && !state.ended && !state.nudged;
        let mut state = self.lock();
        match timeout {
            None => self.filled.wait_while(&mut state, idle),
            Some(timeout) => {
                let _ = self.filled.wait_while_for(&mut state, idle, timeout);
            }
        }
        state.nudged = false;
        if !state.calls.is_empty() {
            Wake::Call
        } else if state.ended {
            Wake::End
        } else {
            Wake::Other
        }
    }

    /// Wakes the receiver without a call.
    pub(crate) fn nudge(&self) {
        self.lock().nudged = true;
        self.filled.notify_one();
    }

    /// Rejects later calls with this reason; queued calls stay. The first reason is kept.
    pub(crate) fn close(&self, reason: Error) {
        self.lock().closed.get_or_insert(reason);
    }

    /// Rejects later calls, and lets the receiver fail those that have not begun.
    pub(crate) fn stop(&self) {
        let mut state = self.lock();
        state.closed.get_or_insert(Kind::Closed.into());
        state.stopped = true;
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// Lets the receiver leave once it has finished what is in the queue.
    pub(crate) fn end(&self) {
        let mut state = self.lock();
        state.closed.get_or_insert(Kind::Closed.into());
        state.ended = true;
        drop(state);
        self.filled.notify_all();
    }

    /// How many calls wait, and how many were refused for want of room.
    pub(crate) fn counts(&self) -> (usize, u64) {
        let state = self.lock();
        (state.calls.len(), state.rejected)
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}
