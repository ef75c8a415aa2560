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
    /// Whether a caller's closure runs. Only its statements may be interrupted.
    ///
    /// Why: SQLite counts the steps of a cached statement over all its runs. So the `COMMIT` that
    /// ends a snapshot also reaches the handler now and then. Were it interrupted, the snapshot
    /// would stay open.
    running: AtomicBool,
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
                running: AtomicBool::new(false),
                deadline: AtomicU64::new(NEVER),
                exceeded: AtomicBool::new(false),
                ended: AtomicBool::new(false),
            }),
        };
        let watched = budget.clone();
        conn.progress_handler(STEPS, Some(move || watched.is_exceeded()))?;
        Ok(budget)
    }

    /// A closure begins. Its deadline is this far from now; `None` sets none.
    pub(crate) fn begin(&self, time: Option<Duration>) {
        let deadline = time.and_then(|time| self.origin.elapsed().checked_add(time));
        let deadline = deadline.and_then(|deadline| u64::try_from(deadline.as_nanos()).ok());
        let deadline = deadline.unwrap_or(NEVER);
        self.shared.deadline.store(deadline, Ordering::Relaxed);
        self.shared.exceeded.store(false, Ordering::Relaxed);
        self.shared.ended.store(false, Ordering::Relaxed);
        self.shared.running.store(true, Ordering::Relaxed);
    }

    /// The closure has ended. Returns whether one of its statements was interrupted.
    pub(crate) fn finish(&self) -> bool {
        self.shared.running.store(false, Ordering::Relaxed);
        self.shared.exceeded.swap(false, Ordering::Relaxed)
    }

    /// Interrupts the running statements. Called from other threads.
    pub(crate) fn end(&self) {
        self.shared.ended.store(true, Ordering::Relaxed);
    }

    fn is_exceeded(&self) -> bool {
        if !self.shared.running.load(Ordering::Relaxed) {
            return false;
        }
        let deadline = self.shared.deadline.load(Ordering::Relaxed);
        let late = deadline != NEVER && self.origin.elapsed().as_nanos() >= u128::from(deadline);
        let exceeded = late || self.shared.ended.load(Ordering::Relaxed);
        if exceeded {
            self.shared.exceeded.store(true, Ordering::Relaxed);
        }
        exceeded
    }
}
