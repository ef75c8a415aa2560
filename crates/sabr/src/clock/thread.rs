//! How a stretch of running code used its thread, by the clocks of the operating system.
//!
//! A thread that is off the CPU is not always blocked, because a busy machine takes the CPU away
//! from any thread. Linux counts how long a thread was ready to run and did not run (`run_delay`,
//! the second number of `/proc/thread-self/schedstat`), and how often it gave up the CPU by itself
//! (`ru_nvcsw` of getrusage(2)). The rest of the time off the CPU is time in blocking calls.
//!
//! The three readings cost 1.8 µs together, and a poll is often shorter. So a thread keeps its last
//! reading. At the beginning of a poll it takes a new one only if the last is a millisecond old, or
//! if the endpoint was slow lately. At the end of a poll it takes one only if the poll was slow.
//! Time between the reading and the beginning of the poll is subtracted, so that the endpoint is
//! never blamed for it.

use std::cell::Cell;

use sabr_ledger::{Nanos, SLOW_STRETCH, Spent};

use super::system;

/// How old a reading may be. 1.8 µs each millisecond are 0.2 % of a core.
const MAX_AGE: Nanos = 1_000_000;
/// How old a reading may be for an endpoint that is measured exactly. At worst this costs 4 % of a
/// core.
const MAX_AGE_EXACT: Nanos = 50_000;
/// A reading that takes ten times as long as usual was interrupted.
const INTERRUPTED: Nanos = 20_000;

/// The sums of one thread since it began.
#[derive(Clone, Copy, Debug, Default)]
struct Reading {
    on_cpu: u64,
    /// `None` if the kernel was built without it.
    run_delay: Option<u64>,
    gave_up: i64,
}

#[derive(Clone, Copy, Debug)]
struct Checkpoint {
    at: Nanos,
    reading: Reading,
}

thread_local! {
    static LAST: Cell<Option<Checkpoint>> = const { Cell::new(None) };
}

/// A stretch of code that runs on this thread. It keeps the reading that it began with, because
/// other stretches may begin and end inside it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    began: Nanos,
    before: Option<Checkpoint>,
    /// How it had used the thread when it was restarted.
    earlier: Spent,
}

impl Stretch {
    /// Begins a stretch. `exact` is for endpoints that are measured exactly.
    pub(crate) fn begin(now: Nanos, exact: bool) -> Self {
        let limit = if exact { MAX_AGE_EXACT } else { MAX_AGE };
        let fresh = |last: &Checkpoint| now.saturating_sub(last.at) < limit;
        let before = LAST.get().filter(fresh).or_else(|| read(now));
        Self {
            before,
            ..Self::unread(now)
        }
    }

    /// Begins a stretch without a reading, under an injected clock.
    pub(crate) fn unread(now: Nanos) -> Self {
        Self {
            began: now,
            before: None,
            earlier: Spent::default(),
        }
    }

    /// When it began, or was restarted.
    pub(crate) fn began(&self) -> Nanos {
        self.began
    }

    /// Takes a new reading, so that the rest of the stretch is measured exactly.
    pub(crate) fn restart_exactly(self, now: Nanos) -> Self {
        Self {
            earlier: self.end(now),
            ..Self::begin(now, true)
        }
    }

    /// Ends the stretch, on the same thread.
    pub(crate) fn end(self, now: Nanos) -> Spent {
        let mut spent = self.end_since_restart(now);
        spent.add(self.earlier);
        spent
    }

    fn end_since_restart(self, now: Nanos) -> Spent {
        let lasted = now.saturating_sub(self.began);
        if lasted < SLOW_STRETCH {
            return Spent::all_computing(lasted);
        }
        let (Some(before), Some(after)) = (self.before, read(now)) else {
            return Spent::all_unknown(lasted);
        };
        let (before, after, read_at) = (before.reading, after.reading, before.at);
        let since = Since {
            wall: now.saturating_sub(read_at),
            on_cpu: after.on_cpu.saturating_sub(before.on_cpu),
            run_delay: after
                .run_delay
                .zip(before.run_delay)
                .map(|(after, before)| after.saturating_sub(before)),
            gave_up: after.gave_up > before.gave_up,
        };
        // If the first reading was late, the thread was interrupted before it.
        let late = read_at.saturating_sub(self.began).min(lasted);
        let mut spent = since.split(self.began.saturating_sub(read_at), lasted - late);
        spent.preempted += late;
        spent
    }
}

/// Whether this platform tells blocking from computing.
pub(crate) fn tells_blocked_from_busy() -> bool {
    Reading::of_this_thread().is_some()
}

fn read(now: Nanos) -> Option<Checkpoint> {
    let reading = Reading::of_this_thread()?;
    let after = system::now();
    let interrupted = after.saturating_sub(now) > INTERRUPTED;
    let at = if interrupted { after } else { now };
    let checkpoint = Checkpoint { at, reading };
    LAST.set(Some(checkpoint));
    Some(checkpoint)
}

/// The sums of a thread from its checkpoint to the end of a stretch.
#[derive(Clone, Copy, Debug)]
struct Since {
    wall: u64,
    on_cpu: u64,
    run_delay: Option<u64>,
    gave_up: bool,
}

impl Since {
    /// The part that belongs to a stretch of the last `lasted` nanoseconds, which began `age`
    /// nanoseconds after the checkpoint. Time that could be either counts as computing rather
    /// than as blocked.
    fn split(self, age: u64, lasted: u64) -> Spent {
        let off_cpu = self.wall.saturating_sub(self.on_cpu);
        let delayed = match self.run_delay {
            // The thread never gave up the CPU, so other threads or the host took it.
            _ if !self.gave_up => off_cpu,
            Some(run_delay) => run_delay.min(off_cpu),
            None => 0,
        };
        let blocked = (off_cpu - delayed).saturating_sub(age).min(lasted);
        let preempted = delayed.min(lasted - blocked);
        Spent {
            computing: lasted - blocked - preempted,
            blocked,
            preempted,
            unknown: 0,
        }
    }
}

impl Reading {
    #[cfg(target_os = "linux")]
    fn of_this_thread() -> Option<Self> {
        use nix::sys::resource::{UsageWho, getrusage};
        use nix::time::{ClockId, clock_gettime};

        use sabr_ledger::nanos;
        let cpu = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).ok()?;
        let usage = getrusage(UsageWho::RUSAGE_THREAD).ok()?;
        Some(Self {
            on_cpu: nanos(cpu.into()),
            run_delay: run_delay(),
            gave_up: usage.voluntary_context_switches(),
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn of_this_thread() -> Option<Self> {
        None
    }
}

/// The second number of this thread's `schedstat`. Why the file stays open: opening it costs six
/// times as much as reading.
#[cfg(target_os = "linux")]
fn run_delay() -> Option<u64> {
    use std::fs::File;
    use std::os::unix::fs::FileExt;
    thread_local! {
        static FILE: Option<File> = File::open("/proc/thread-self/schedstat").ok();
    }
    FILE.with(|file| {
        let mut buffer = [0; 64];
        let length = file.as_ref()?.read_at(&mut buffer, 0).ok()?;
        let text = std::str::from_utf8(&buffer[..length]).ok()?;
        text.split_ascii_whitespace().nth(1)?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn check(since: Since, age: u64, lasted: u64, expected: [u64; 3]) {
        let spent = since.split(age, lasted);
        assert_eq!(
            [spent.computing, spent.blocked, spent.preempted],
            expected,
            "{since:?}"
        );
    }

    #[test]
    fn time_off_the_cpu_is_blocked_only_as_far_as_nothing_else_explains_it() {
        let since = Since {
            wall: 50 * MS,
            on_cpu: 50 * MS,
            run_delay: Some(0),
            gave_up: false,
        };
        check(since, 0, 50 * MS, [50 * MS, 0, 0]);
        let slept = Since {
            on_cpu: 20 * MS,
            gave_up: true,
            ..since
        };
        check(slept, 0, 50 * MS, [20 * MS, 30 * MS, 0]);
        let delayed = Since {
            run_delay: Some(25 * MS),
            ..slept
        };
        check(delayed, 0, 50 * MS, [20 * MS, 5 * MS, 25 * MS]);
        let stolen = Since {
            gave_up: false,
            ..slept
        };
        check(stolen, 0, 50 * MS, [20 * MS, 0, 30 * MS]);
    }

    #[test]
    fn time_before_the_stretch_does_not_count() {
        let parked_before = Since {
            wall: 10 * MS,
            on_cpu: 9 * MS + MS / 10,
            run_delay: Some(0),
            gave_up: true,
        };
        check(parked_before, MS, 9 * MS, [9 * MS, 0, 0]);
    }

    #[test]
    fn without_run_delay_giving_up_the_cpu_counts_as_blocked() {
        let since = Since {
            wall: 50 * MS,
            on_cpu: 20 * MS,
            run_delay: None,
            gave_up: true,
        };
        check(since, 0, 50 * MS, [20 * MS, 30 * MS, 0]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn sleep_is_blocked_and_a_spin_is_not() {
        use std::time::{Duration, Instant};

        use super::super::system::now;

        let measure = |f: fn()| {
            let stretch = Stretch::begin(now(), true);
            f();
            stretch.end(now())
        };
        let slept = measure(|| std::thread::sleep(Duration::from_millis(20)));
        assert!(slept.blocked >= 19 * MS, "{slept:?}");
        let spun = measure(|| {
            let began = Instant::now();
            while began.elapsed() < Duration::from_millis(20) {}
        });
        assert_eq!(spun.blocked, 0, "{spun:?}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn stretch_that_ends_inside_another_takes_nothing_from_it() {
        use std::time::Duration;

        use super::super::system::now;

        let began = now();
        let outer = Stretch::begin(began, true);
        std::thread::sleep(Duration::from_millis(20));
        let inner = Stretch::begin(now(), true);
        std::thread::sleep(Duration::from_millis(1));
        inner.end(now());
        let outer = outer.restart_exactly(now());
        std::thread::sleep(Duration::from_millis(1));
        let ended = now();
        let spent = outer.end(ended);
        assert!(spent.blocked >= 21 * MS, "{spent:?}");
        let whole = spent.computing + spent.blocked + spent.preempted;
        assert_eq!(whole, ended - began, "{spent:?}");
    }
}
