//! Limits to what a connection's statements take: a time, and that they are in nobody's way.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// How many steps of SQLite's virtual machine lie between two looks at the clock: a few microseconds'
/// worth. A look costs less than can be measured beside them.
const STEPS: c_int = 100;

/// The deadline of a connection that may take its time.
const NEVER: u64 = u64::MAX;

/// Interrupts the statements of one connection when their time is up.
///
/// SQLite only asks between steps. One long step, such as `count(*)` without a condition or a function
/// that makes a large value, is not interrupted.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    origin: Instant,
    shared: Arc<Shared>,
}

/// But for `ended`, used by one thread at a time, the one that has the connection. Each is a flag of
/// its own that guards nothing else. Hence the relaxed ordering.
#[derive(Debug)]
struct Shared {
    /// In nanoseconds since the origin.
    deadline: AtomicU64,
    /// Whether a statement was interrupted. The error alone does not tell: a closure may hide it.
    exceeded: AtomicBool,
    /// Whether the statements that run now are to end, whatever time they have.
    ended: AtomicBool,
}

impl Budget {
    /// Watches over all statements of this connection from now on.
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

    /// Gives the statements this much time, from now on; `None` for as long as they take.
    pub(crate) fn begin(&self, time: Option<Duration>) {
        let deadline = time.and_then(|time| self.origin.elapsed().checked_add(time));
        let deadline = deadline.and_then(|deadline| u64::try_from(deadline.as_nanos()).ok());
        let deadline = deadline.unwrap_or(NEVER);
        self.shared.deadline.store(deadline, Ordering::Relaxed);
        self.shared.exceeded.store(false, Ordering::Relaxed);
        self.shared.ended.store(false, Ordering::Relaxed);
    }

    /// Interrupts the statements that run now. Called by other threads.
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
