//! Limits the time of a connection's statements, and interrupts them on request.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// The clock is read once per this many steps of SQLite's virtual machine, which take a few
/// microseconds. The cost of one reading is too small to measure beside them.
const STEPS: c_int = 100;

/// The deadline of a connection without a time limit.
const NEVER: u64 = u64::MAX;

/// Interrupts the statements of one connection when their deadline has passed.
///
/// SQLite calls the progress handler only between steps. So a single long step is not interrupted:
/// `count(*)` without a condition, or a function that makes a large value.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    origin: Instant,
    shared: Arc<Shared>,
}

/// Only the thread that holds the connection uses these fields, except `ended`. Each field stands
/// alone and orders no other memory, so relaxed ordering suffices.
#[derive(Debug)]
struct Shared {
    /// In nanoseconds since the origin.
    deadline: AtomicU64,
    /// Whether a statement was interrupted. The error alone is not enough, because a closure may
    /// hide it.
    exceeded: AtomicBool,
    /// Whether the running statements must end, whatever their deadline.
    ended: AtomicBool,
}

impl Budget {
    /// Installs the progress handler for all later statements of this connection.
    pub(crate) fn install(conn: &mut Connection) -> rusqlite::Result<Self> {
        let budget = Self {
            origin: Instant::now(),
            shared: Arc::new(Shared {
                deadline: AtomicU64::new(NEVER),
                exceeded: AtomicBool::new(false),
                ended: AtomicBool::new(false),
            }),
        };
        let watched = budget.clone();
        conn.progress_handler(STEPS, Some(move || watched.is_exceeded()))?;
        Ok(budget)
    }

    /// Sets the deadline this far from now; `None` removes it.
    pub(crate) fn begin(&self, time: Option<Duration>) {
        let deadline = time.and_then(|time| self.origin.elapsed().checked_add(time));
        let deadline = deadline.and_then(|deadline| u64::try_from(deadline.as_nanos()).ok());
        let deadline = deadline.unwrap_or(NEVER);
        self.shared.deadline.store(deadline, Ordering::Relaxed);
        self.shared.exceeded.store(false, Ordering::Relaxed);
        self.shared.ended.store(false, Ordering::Relaxed);
    }

    /// Interrupts the running statements. Called from other threads.
    pub(crate) fn end(&self) {
        self.shared.ended.store(true, Ordering::Relaxed);
    }

    /// Whether a statement was interrupted since [`Budget::begin`].
    pub(crate) fn was_exceeded(&self) -> bool {
        self.shared.exceeded.load(Ordering::Relaxed)
    }

    fn is_exceeded(&self) -> bool {
        let deadline = self.shared.deadline.load(Ordering::Relaxed);
        let late = deadline != NEVER && self.origin.elapsed().as_nanos() >= u128::from(deadline);
        let exceeded = late || self.shared.ended.load(Ordering::Relaxed);
        if exceeded {
            self.shared.exceeded.store(true, Ordering::Relaxed);
        }
        exceeded
    }
}
