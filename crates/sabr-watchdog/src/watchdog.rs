use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use crate::report::Report;
use crate::slot::PollId;
use crate::stall::{Library, Name, Names, Stall};
use crate::stalls::Stalls;
use crate::watched_future::WatchedFuture;
use crate::watcher::{Settings, WatcherThread};

/// Watches polls, and reports those that last too long. It has two threads, which end when it is
/// dropped. Dropping it does not wait for them.
///
/// A program may have many. Each watches its own polls.
pub struct Watchdog {
    limit: Duration,
    /// The number of this watchdog in the process.
    id: u32,
    libraries: &'static [Library],
    stalls: Arc<Stalls>,
    /// The names that [`watch`](Self::watch) was given, by their place.
    names: Arc<Mutex<Vec<&'static str>>>,
    /// `None` inside if the thread could not be started.
    thread: OnceLock<Option<WatcherThread>>,
}

impl Watchdog {
    /// A watchdog for polls that last longer than `limit`. A limit of zero turns it off.
    ///
    /// No thread is started yet.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        static WATCHDOGS: AtomicU32 = AtomicU32::new(0);
        Self {
            limit,
            id: WATCHDOGS.fetch_add(1, Ordering::Relaxed),
            libraries: &[],
            stalls: Arc::default(),
            names: Arc::default(),
            thread: OnceLock::new(),
        }
    }

    /// Sets the libraries that are not code of the app. A reported stack ends at the innermost call
    /// into one of them.
    #[must_use]
    pub fn libraries(mut self, libraries: &'static [Library]) -> Self {
        self.libraries = libraries;
        self
    }

    /// Watches every poll of `future`, under this name. Starts the thread at the first call.
    ///
    /// The number of different names should be small: each is kept for as long as the watchdog.
    pub fn watch<F: Future>(&self, name: &'static str, future: F) -> WatchedFuture<F> {
        self.start(|| {
            let names = Arc::clone(&self.names);
            Arc::new(move |poll| Name {
                kind: "task",
                name: lock(&names)
                    .get(poll as usize)
                    .copied()
                    .unwrap_or_default()
                    .to_owned(),
            })
        });
        WatchedFuture::new(self.poll_id(self.number_of(name)), future)
    }

    /// Starts the threads unless they run already. Cheap after the first call. Reports go to the
    /// log, through `tracing`: at most one of the same poll in ten seconds, and ten in a minute.
    /// Does nothing if the limit is zero, or after [`watch`](Self::watch), which names polls by
    /// itself.
    ///
    /// `names` makes the function that names a poll by the number in its [`PollId`]. The function
    /// is kept until the thread ends, so it must not keep the owner of the watchdog alive.
    #[inline]
    pub fn start(&self, names: impl FnOnce() -> Names) {
        if self.thread.get().is_none() {
            self.start_reporting(names(), Report::log);
        }
    }

    /// Starts the thread unless it runs already. Reports go to `report`, which is called on a
    /// thread of the watchdog.
    #[cold]
    pub fn start_reporting(&self, names: Names, report: impl FnMut(&Report) + Send + 'static) {
        self.thread.get_or_init(|| {
            if self.limit.is_zero() {
                return None;
            }
            WatcherThread::start(Settings {
                limit: self.limit,
                watchdog: self.id,
                libraries: self.libraries,
                names,
                stalls: Arc::clone(&self.stalls),
                report: Box::new(report),
            })
        });
    }

    /// The id of a poll of this watchdog. `poll` is a number of the caller's choice, which the
    /// function that was given to [`start`](Self::start) turns into a name.
    #[inline]
    #[must_use]
    pub fn poll_id(&self, poll: u32) -> PollId {
        PollId {
            watchdog: self.id,
            poll,
        }
    }

    /// The number of stalls since the watchdog was created.
    #[must_use]
    pub fn stall_count(&self) -> u64 {
        self.stalls.count()
    }

    /// The last 32 stalls, the newest first. The durations of those in progress are those of now.
    #[must_use]
    pub fn stalls(&self) -> Vec<Stall> {
        self.stalls.snapshot()
    }

    fn number_of(&self, name: &'static str) -> u32 {
        let mut names = lock(&self.names);
        let known = names.iter().position(|known| *known == name);
        let number = known.unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        });
        u32::try_from(number).unwrap_or(u32::MAX)
    }
}

fn lock<'a>(names: &'a Mutex<Vec<&'static str>>) -> MutexGuard<'a, Vec<&'static str>> {
    names.lock()
}

impl fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watchdog")
            .field("limit", &self.limit)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
