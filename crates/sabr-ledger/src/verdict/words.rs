//! The sentences of a verdict.

use super::VerdictKind;
use super::subject::{Subject, is_worth_overlapping};
use crate::format::{count, duration, percent, time};
use crate::phase::Phase;
use crate::place::{Place, Reason};
use crate::thresholds::Thresholds;
use crate::window::{SequenceSum, Window};

pub(super) struct Words<'a> {
    subject: &'a Subject,
    window: &'a Window,
    thresholds: &'a Thresholds,
}

impl<'a> Words<'a> {
    pub(super) fn new(subject: &'a Subject, thresholds: &'a Thresholds) -> Self {
        let window = &subject.window;
        Self {
            subject,
            window,
            thresholds,
        }
    }

    pub(super) fn finding(&self, kind: VerdictKind) -> String {
        let window = self.window;
        match kind {
            VerdictKind::BlocksEventLoop => format!(
                "{} blocked the thread of the event loop inside a poll, for up to {}",
                self.share_of_requests(window.blocked),
                time(window.blocked_max),
            ),
            VerdictKind::ComputesOnEventLoop => format!(
                "{} computed inside a poll for up to {} without giving the event loop back",
                self.share_of_requests(window.computing),
                time(window.computing_max),
            ),
            VerdictKind::SlowPolls => format!(
                "{} had polls of up to {}, and this platform does not say whether they computed or blocked",
                self.share_of_requests(window.unknown),
                time(window.unknown_max),
            ),
            VerdictKind::NeverWaits => format!(
                "not suspended once in {} requests: at 95 % confidence it waits in at most {} of them",
                count(window.requests),
                percent(3.0 / window.requests as f64),
            ),
            VerdictKind::CouldOverlap => self.sequence(&window.proven),
            VerdictKind::AsyncFits => format!(
                "waits {} of its time, and its longest poll took {}",
                self.share_of_time(Phase::Waiting),
                time(self.longest_poll()),
            ),
            VerdictKind::WaitsInThread => self.thread_cost(),
            VerdictKind::SyncFits => self.sync_fits(),
            VerdictKind::TooEarly if !self.subject.judged => {
                "requests for different things, counted together and not judged".to_owned()
            }
            VerdictKind::TooEarly => self.too_early(),
        }
    }

    pub(super) fn advice(&self, kind: VerdictKind) -> Option<String> {
        let pinned = self.subject.place == Some((Place::InPlace, Reason::Pinned));
        let advice = match kind {
            VerdictKind::BlocksEventLoop
            | VerdictKind::ComputesOnEventLoop
            | VerdictKind::SlowPolls
                if pinned =>
            {
                "Remove `.in_place()`: `sync(f)` then runs on a pool of threads until it is short."
            }
            VerdictKind::BlocksEventLoop if self.subject.place.is_some() => {
                "Pin it to the pool with `sync(f).pooled()`: short calls bring it in place, and then one blocks."
            }
            VerdictKind::BlocksEventLoop => {
                "Move the blocking call into `sabr::blocking(|| ..).await`, or make the handler a plain `fn` in `sabr::sync(f)`."
            }
            VerdictKind::ComputesOnEventLoop if self.subject.place.is_some() => {
                "Pin it to the pool with `sync(f).pooled()`: it is short at times, and then long."
            }
            VerdictKind::ComputesOnEventLoop => {
                "Move the computation into `sabr::compute(|| ..).await`, or make the handler a plain `fn` in `sabr::sync(f)`."
            }
            VerdictKind::SlowPolls => {
                "Move what takes so long into `sabr::compute(|| ..).await` or `sabr::blocking(|| ..).await`."
            }
            VerdictKind::NeverWaits => {
                "A plain `fn` is simpler: `get(sabr::sync(f))` runs it in place while it is short, and on a thread if it is not."
            }
            VerdictKind::CouldOverlap => "Await them together: `sabr::overlap!(first, second)`.",
            VerdictKind::WaitsInThread => {
                "If what it calls can be awaited, an `async fn` waits without a thread; if not, `Builder::threads(PoolKind::Endpoint, n)` says how many may wait at once."
            }
            VerdictKind::AsyncFits | VerdictKind::SyncFits | VerdictKind::TooEarly => return None,
        };
        Some(advice.to_owned())
    }

    pub(super) fn evidence(&self, kind: VerdictKind) -> Vec<String> {
        let window = self.window;
        let requests = count(window.requests);
        let mut lines = Vec::new();
        let mut over = |offences: u64, what: &str, limit, max: u64| {
            if offences > 0 {
                let (offences, max, limit) = (count(offences), time(max), duration(limit));
                lines.push(format!(
                    "{offences} of {requests} requests {what} for {limit} or more in one poll; the longest for {max}"
                ));
            }
        };
        let thresholds = self.thresholds;
        over(
            window.blocked,
            "were blocked",
            thresholds.blocked_poll,
            window.blocked_max,
        );
        over(
            window.computing,
            "computed",
            thresholds.computing_poll,
            window.computing_max,
        );
        over(
            window.unknown,
            "were slow",
            thresholds.blocked_poll,
            window.unknown_max,
        );
        lines.push(format!(
            "suspended in {} of {requests} requests, on a pool in {}",
            count(window.suspended),
            count(window.offloaded),
        ));
        if kind == VerdictKind::CouldOverlap {
            lines.push(format!(
                "in {} requests each wait was made before the first had ended, so none needs the other's result",
                count(window.proven.requests),
            ));
        }
        if let (Some(concurrent), Some(sequential)) =
            (window.concurrent.mean(), window.sequential.mean())
        {
            lines.push(format!(
                "measured with `overlap!`: {} together, {} one after the other",
                time(concurrent),
                time(sequential),
            ));
        }
        let preempted = window.phases.nanos(Phase::Preempted);
        if preempted * 20 > window.duration {
            lines.push(format!(
                "the machine was busy: it took the CPU away for {} of the time, which is not held against the code",
                self.share_of_time(Phase::Preempted),
            ));
        }
        lines
    }

    /// A sequence whose waits may depend on each other, or slow polls that are too rare for a
    /// verdict.
    pub(super) fn hint(&self, kind: VerdictKind) -> Option<String> {
        let window = self.window;
        let assumed = &window.assumed;
        if kind == VerdictKind::AsyncFits && is_worth_overlapping(assumed, window.requests) {
            return Some(format!("{}, if independent", self.sequence(assumed)));
        }
        if kind == VerdictKind::NeverWaits && window.labelled > 0 {
            return Some(
                "what it awaits was ready at once each time; where it is not, on a slower machine or with another \
                 database, the handler would wait, and async would fit"
                    .to_owned(),
            );
        }
        let rare = window.blocked > 0 && kind.severity() != super::Severity::Problem;
        rare.then(|| {
            format!(
                "{} blocked the event loop, for up to {}: too {} for a verdict",
                self.share_of_requests(window.blocked),
                time(window.blocked_max),
                if kind == VerdictKind::TooEarly {
                    "few"
                } else {
                    "rare"
                },
            )
        })
    }

    /// `db 2.0 s, then api 3.0 s: 5.0 s; together at most 3.0 s`.
    fn sequence(&self, sums: &SequenceSum) -> String {
        let Some([(first, first_time), (second, second_time)]) = sums.pair else {
            return String::new();
        };
        let requests = sums.requests.max(1);
        let mean = |nanos: u64| time(nanos / sums.pair_requests.max(1));
        let waits = sums.waits / requests;
        let more = match waits {
            ..=2 => String::new(),
            waits => format!(", and {} more", waits - 2),
        };
        format!(
            "{first} {}, then {second} {}{more}: {}; together at most {}",
            mean(first_time),
            mean(second_time),
            time(sums.together / requests),
            time(sums.longest / requests),
        )
    }

    fn thread_cost(&self) -> String {
        let window = self.window;
        let held = window.in_threads / window.known().max(1);
        let waiting = window.phases.nanos(Phase::WaitingInThread);
        let share = percent(waiting as f64 / window.in_threads.max(1) as f64);
        let threads = self.subject.pool_threads;
        let rate = threads as f64 * 1e9 / held.max(1) as f64;
        format!(
            "holds a thread for {} and waits in it {share} of that: {threads} threads serve at most {} requests a second",
            time(held),
            count(rate as u64),
        )
    }

    fn sync_fits(&self) -> String {
        let window = self.window;
        let mean = time(window.phases.nanos(Phase::Computing) / window.known().max(1));
        match self.subject.place {
            Some((Place::InPlace, _)) => format!("short, and runs in place: {mean} of computing"),
            _ => format!("computes for {mean}, off the event loop"),
        }
    }

    fn too_early(&self) -> String {
        let window = self.window;
        if self.subject.place.is_some() {
            return format!(
                "{} so far, of {} that a verdict needs",
                requests(window.known()),
                self.thresholds.requests,
            );
        }
        let (so_far, limit) = if window.requests < self.thresholds.requests {
            (window.requests, self.thresholds.requests)
        } else {
            (window.succeeded, self.thresholds.requests_without_wait)
        };
        format!(
            "{} so far, of {limit} that a verdict needs",
            requests(so_far),
        )
    }

    fn longest_poll(&self) -> u64 {
        let window = self.window;
        window
            .computing_max
            .max(window.blocked_max)
            .max(window.unknown_max)
    }

    fn share_of_time(&self, phase: Phase) -> String {
        percent(self.window.phases.nanos(phase) as f64 / self.window.duration.max(1) as f64)
    }

    fn share_of_requests(&self, offences: u64) -> String {
        match self.window.requests {
            1 => "the only request".to_owned(),
            requests if offences == requests => format!("each of {} requests", count(requests)),
            requests => format!("{} of {} requests", count(offences), count(requests)),
        }
    }
}

fn requests(number: u64) -> String {
    match number {
        1 => "1 request".to_owned(),
        _ => format!("{} requests", count(number)),
    }
}
