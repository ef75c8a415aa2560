//! The thread that inspects all threads.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, Thread};
use std::time::{Duration, Instant, SystemTime};

use crate::clock::now_ns;
use crate::limiter::Limiter;
use crate::report::Report;
use crate::reporter::{CapturedStack, Reporter};
use crate::rule::{Finding, Limit, PollHistory, Tick};
use crate::schedule::Schedule;
use crate::slot::{self, Poll, Slot};
use crate::stall::{Library, Names, Stall, ThreadState};
use crate::stalls::Stalls;
use crate::{sleep, stack};

/// The settings of one watchdog.
pub(crate) struct Settings {
    pub(crate) limit: Duration,
    pub(crate) watchdog: u32,
    pub(crate) libraries: &'static [Library],
    pub(crate) names: Names,
    pub(crate) stalls: Arc<Stalls>,
    pub(crate) report: Box<dyn FnMut(&Report) + Send>,
}

/// Stops the thread when it is dropped, and does not wait for its end.
#[derive(Debug)]
pub(crate) struct WatcherThread {
    stop: Arc<AtomicBool>,
    thread: Thread,
}

impl Drop for WatcherThread {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.unpark();
    }
}

impl WatcherThread {
    /// `None` if the thread cannot be started. The log says so.
    pub(crate) fn start(settings: Settings) -> Option<Self> {
        Self::try_start(settings)
            .inspect_err(|error| {
                tracing::error!(%error, "cannot start the thread of the watchdog; stalls will not be reported");
            })
            .ok()
    }

    fn try_start(settings: Settings) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let watcher = Watcher::new(settings)?;
        let handle = thread::Builder::new()
            .name("sabr-watchdog".to_owned())
            .spawn(move || watcher.run(&stopped))?;
        let thread = handle.thread().clone();
        Ok(Self { stop, thread })
    }
}

struct Watcher {
    limit: Duration,
    watchdog: u32,
    names: Names,
    stalls: Arc<Stalls>,
    reporter: Reporter,
    tick: Duration,
    threads: Vec<WatchedThread>,
    /// The number of slots that had been added at the last inspection.
    added: u64,
    limiter: Limiter,
}

/// One thread of the process.
struct WatchedThread {
    slot: Weak<Slot>,
    version: u64,
    history: PollHistory,
    stall: Option<StallInProgress>,
}

struct StallInProgress {
    number: u64,
    stall: Stall,
    reported: bool,
}

impl Watcher {
    /// The longest time between two inspections. The end of a stall is known to this precision.
    const TICK_MAX: Duration = Duration::from_millis(25);
    /// The shortest time between two inspections. They are a quarter of the limit apart.
    const TICK_MIN: Duration = Duration::from_millis(1);
    /// After this time without a poll, the watcher sleeps until there is one.
    const AWAKE: Duration = Duration::from_secs(1);
    /// The longest sleep. Why a bound: the poll that should wake the watcher may not see that it
    /// sleeps.
    const ASLEEP: Duration = Duration::from_secs(1);

    fn new(settings: Settings) -> io::Result<Self> {
        let Settings {
            limit,
            watchdog,
            libraries,
            names,
            stalls,
            report,
        } = settings;
        let reporter = Reporter::start(Arc::clone(&stalls), libraries, report)?;
        let tick = (limit / 4).clamp(Self::TICK_MIN, Self::TICK_MAX);
        Ok(Self {
            limit,
            watchdog,
            names,
            stalls,
            reporter,
            tick,
            threads: Vec::new(),
            added: 0,
            limiter: Limiter::default(),
        })
    }

    fn run(mut self, stop: &AtomicBool) {
        stack::prepare();
        let mut active_at = Instant::now();
        let mut late = Duration::ZERO;
        while !stop.load(Ordering::Relaxed) {
            let active = self.inspect_all(late);
            let now = Instant::now();
            if active {
                active_at = now;
            }
            late = if now - active_at < Self::AWAKE {
                thread::park_timeout(self.tick);
                now.elapsed().saturating_sub(self.tick)
            } else {
                self.sleep();
                Duration::ZERO
            };
        }
        sleep::unregister();
    }

    /// Sleeps until a poll begins.
    fn sleep(&mut self) {
        sleep::register();
        if !self.inspect_all(Duration::ZERO) {
            thread::park_timeout(Self::ASLEEP);
        }
    }

    /// Inspects every thread. Returns whether any of them was inside a poll since the last
    /// inspection.
    fn inspect_all(&mut self, late: Duration) -> bool {
        self.add_new_threads();
        let tick = Tick {
            now_ns: now_ns(),
            late_ns: nanoseconds(late),
        };
        let mut threads = std::mem::take(&mut self.threads);
        let mut active = false;
        threads.retain_mut(|thread| {
            let slot = thread.slot.upgrade();
            active |= self.inspect(thread, slot.as_deref(), tick);
            slot.is_some()
        });
        self.threads = threads;
        active
    }

    fn add_new_threads(&mut self) {
        let (new, added) = slot::added_since(self.added);
        self.added = added;
        self.threads.extend(new.into_iter().map(WatchedThread::new));
    }

    /// `slot` is `None` if the thread has ended.
    fn inspect(&mut self, thread: &mut WatchedThread, slot: Option<&Slot>, tick: Tick) -> bool {
        let poll = slot.and_then(Slot::read);
        let poll = poll.filter(|poll| poll.id.watchdog == self.watchdog);
        let version = slot.map_or(thread.version, Slot::version);
        let active = std::mem::replace(&mut thread.version, version) != version || poll.is_some();

        let limit = Limit {
            ns: nanoseconds(self.limit),
        };
        let began_ns = poll.map(|poll| poll.began_ns);
        let schedule = || Schedule::of(slot?.tid);
        let finding = thread.history.inspect(tick, limit, began_ns, schedule);
        match (finding, slot, poll) {
            (Some(Finding::Ended { elapsed_ns }), ..) => {
                self.ended(thread, Duration::from_nanos(elapsed_ns));
            }
            (Some(Finding::Stalled { elapsed_ns, state }), Some(slot), Some(poll)) => {
                let elapsed = Duration::from_nanos(elapsed_ns);
                let weak = Weak::clone(&thread.slot);
                thread.stall = Some(self.stalled((slot, weak), poll, elapsed, state));
            }
            (Some(Finding::Starved { elapsed_ns }), Some(slot), Some(poll)) => {
                self.starved(slot, poll, Duration::from_nanos(elapsed_ns));
            }
            _ => {}
        }
        active
    }

    fn stalled(
        &mut self,
        (slot, weak): (&Slot, Weak<Slot>),
        poll: Poll,
        elapsed: Duration,
        state: ThreadState,
    ) -> StallInProgress {
        let stack = stack::capture(slot.tid, &slot.stack);
        // If the poll has ended meanwhile, the stack may be that of another poll.
        let stack = stack.filter(|_| slot.read().map(|now| now.began_ns) == Some(poll.began_ns));

        let now = SystemTime::now();
        let stall = Stall {
            name: (self.names)(poll.id.poll),
            began_at: now.checked_sub(elapsed).unwrap_or(now),
            duration: elapsed,
            in_progress: true,
            thread: slot.name.to_string(),
            state,
            stack: Vec::new(),
        };
        let number = self.stalls.push(poll.began_ns, stall.clone());
        let allowed = self.limiter.allow(now_ns(), poll.id.poll);
        let report = allowed.map(|suppressed| Report::Stalled {
            stall: stall.clone(),
            suppressed,
        });
        let reported = report.is_some();
        let stack = stack.map(|stack| CapturedStack {
            number,
            stack,
            slot: weak,
            began_ns: poll.began_ns,
        });
        self.reporter.send(report, stack);
        StallInProgress {
            number,
            stall,
            reported,
        }
    }

    fn ended(&mut self, thread: &mut WatchedThread, elapsed: Duration) {
        let Some(StallInProgress {
            number,
            mut stall,
            reported,
        }) = thread.stall.take()
        else {
            return;
        };
        self.stalls.end(number, elapsed);
        stall.in_progress = false;
        stall.duration = elapsed;
        if reported {
            self.reporter.send(Some(Report::Ended { stall }), None);
        }
    }

    fn starved(&mut self, slot: &Slot, poll: Poll, elapsed: Duration) {
        let report = Report::Starved {
            name: (self.names)(poll.id.poll),
            elapsed,
            thread: slot.name.to_string(),
        };
        self.reporter.send(Some(report), None);
    }
}

impl WatchedThread {
    fn new(slot: Weak<Slot>) -> Self {
        Self {
            slot,
            version: 0,
            history: PollHistory::default(),
            stall: None,
        }
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
