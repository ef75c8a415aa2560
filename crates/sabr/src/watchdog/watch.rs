//! The thread that looks.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, Thread};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::limiter::Limiter;
use super::polled::Names;
use super::report::Report;
use super::reporter::Reporter;
use super::schedule::Schedule;
use super::sight::{Finding, Limit, Look, Sight, State};
use super::slot::{Poll, Slot};
use super::stalls::Stalls;
use super::{doze, slot, stack};
use crate::ledger::snapshot::StallSnapshot;

/// Of one watchdog.
pub(super) struct Settings {
    pub(super) limit: Duration,
    pub(super) ledger: u32,
    pub(super) names: Names,
    pub(super) stalls: Arc<Stalls>,
    pub(super) report: Box<dyn FnMut(&Report) + Send>,
}

/// Ends the thread when dropped, and does not wait for it.
#[derive(Debug)]
pub(super) struct Watch {
    stop: Arc<AtomicBool>,
    thread: Thread,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.unpark();
    }
}

impl Watch {
    /// Nothing if there is no thread to be had; the log says so.
    pub(super) fn start(settings: Settings) -> Option<Self> {
        Self::try_start(settings)
            .inspect_err(|error| {
                tracing::error!(%error, "cannot start the watchdog: stalls are not seen");
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
    ledger: u32,
    names: Names,
    stalls: Arc<Stalls>,
    reporter: Reporter,
    tick: Duration,
    threads: Vec<Watched>,
    /// How many slots had been added when they were last asked for.
    added: u64,
    limiter: Limiter,
}

/// A thread, and what is known of it.
struct Watched {
    slot: Weak<Slot>,
    version: u64,
    sight: Sight,
    stall: Option<Stall>,
}

/// A stall in progress.
struct Stall {
    id: u64,
    snapshot: StallSnapshot,
    reported: bool,
}

impl Watcher {
    /// A short limit is looked at more often, a long one not more seldom: so the end of a stall is known to
    /// this, too.
    const TICK_MAX: Duration = Duration::from_millis(25);
    const TICK_MIN: Duration = Duration::from_millis(1);
    /// Without a poll for this long it sleeps until there is one.
    const AWAKE: Duration = Duration::from_secs(1);
    /// The longest sleep: bounds how late it is should it miss the poll that is to wake it.
    const ASLEEP: Duration = Duration::from_secs(1);

    fn new(settings: Settings) -> io::Result<Self> {
        let Settings {
            limit,
            ledger,
            names,
            stalls,
            report,
        } = settings;
        let reporter = Reporter::start(Arc::clone(&stalls), report)?;
        let tick = (limit / 4).clamp(Self::TICK_MIN, Self::TICK_MAX);
        Ok(Self {
            limit,
            ledger,
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
            let active = self.look(late);
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
        doze::get_up();
    }

    /// Until there is a poll, about.
    fn sleep(&mut self) {
        doze::lie_down();
        if !self.look(Duration::ZERO) {
            thread::park_timeout(Self::ASLEEP);
        }
    }

    /// Looks at every thread, and says whether any has done something since the last look.
    fn look(&mut self, late: Duration) -> bool {
        self.add_new_threads();
        let look = Look {
            now_ns: slot::now_ns(),
            late_ns: nanoseconds(late),
        };
        let mut threads = std::mem::take(&mut self.threads);
        let mut active = false;
        threads.retain_mut(|thread| {
            let slot = thread.slot.upgrade();
            active |= self.look_at(thread, slot.as_deref(), look);
            slot.is_some()
        });
        self.threads = threads;
        active
    }

    fn add_new_threads(&mut self) {
        let (new, added) = slot::added_since(self.added);
        self.added = added;
        self.threads.extend(new.into_iter().map(Watched::new));
    }

    /// A thread that has ended has no slot.
    fn look_at(&mut self, thread: &mut Watched, slot: Option<&Slot>, look: Look) -> bool {
        let poll = slot.and_then(Slot::read);
        let poll = poll.filter(|poll| poll.what.ledger == self.ledger);
        let version = slot.map_or(thread.version, Slot::version);
        let active = std::mem::replace(&mut thread.version, version) != version || poll.is_some();

        let limit = Limit {
            ns: nanoseconds(self.limit),
        };
        let began_ns = poll.map(|poll| poll.began_ns);
        let schedule = || Schedule::of(slot?.tid);
        let finding = thread.sight.look(look, limit, began_ns, schedule);
        match (finding, slot, poll) {
            (Some(Finding::Ended { elapsed_ns }), ..) => {
                self.ended(thread, Duration::from_nanos(elapsed_ns));
            }
            (Some(Finding::Stalled { elapsed_ns, state }), Some(slot), Some(poll)) => {
                let elapsed = Duration::from_nanos(elapsed_ns);
                thread.stall = Some(self.stalled(slot, poll, elapsed, state));
            }
            (Some(Finding::Starved { elapsed_ns }), Some(slot), Some(poll)) => {
                self.starved(slot, poll, Duration::from_nanos(elapsed_ns));
            }
            _ => {}
        }
        active
    }

    fn stalled(&mut self, slot: &Slot, poll: Poll, elapsed: Duration, state: State) -> Stall {
        let stack = stack::capture(slot.tid, &slot.stack);
        // If the poll has ended by now, the stack may be of something else.
        let stack = stack.filter(|_| slot.read().map(|now| now.began_ns) == Some(poll.began_ns));

        let (method, route) = (self.names)(poll.what.polled);
        let snapshot = StallSnapshot {
            method,
            route,
            began_at_ms: milliseconds_since_1970().saturating_sub(milliseconds(elapsed)),
            duration: elapsed.as_secs_f64(),
            in_progress: true,
            thread: slot.name.to_string(),
            state: state.as_str(),
            stack: Vec::new(),
        };
        let id = self.stalls.push(poll.began_ns, snapshot.clone());
        let allowed = self.limiter.allow(slot::now_ns(), poll.what.polled);
        let report = allowed.map(|suppressed| Report::Stalled {
            stall: snapshot.clone(),
            suppressed,
        });
        let reported = report.is_some();
        self.reporter.say(report, stack.map(|stack| (id, stack)));
        Stall {
            id,
            snapshot,
            reported,
        }
    }

    fn ended(&mut self, thread: &mut Watched, elapsed: Duration) {
        let Some(mut stall) = thread.stall.take() else {
            return;
        };
        self.stalls.end(stall.id, elapsed);
        stall.snapshot.in_progress = false;
        stall.snapshot.duration = elapsed.as_secs_f64();
        if stall.reported {
            let stall = stall.snapshot;
            self.reporter.say(Some(Report::Ended { stall }), None);
        }
    }

    fn starved(&mut self, slot: &Slot, poll: Poll, elapsed: Duration) {
        let (method, route) = (self.names)(poll.what.polled);
        let report = Report::Starved {
            method,
            route,
            elapsed,
            thread: slot.name.to_string(),
        };
        self.reporter.say(Some(report), None);
    }
}

impl Watched {
    fn new(slot: Weak<Slot>) -> Self {
        Self {
            slot,
            version: 0,
            sight: Sight::default(),
            stall: None,
        }
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn milliseconds_since_1970() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    milliseconds(since.unwrap_or_default())
}
