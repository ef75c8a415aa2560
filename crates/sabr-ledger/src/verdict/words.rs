//! The sentences of a verdict.

use super::VerdictKind;
use super::busy::{BUSY_FACTOR, is_machine_busy};
use super::subject::{Subject, is_worth_overlapping};
use crate::format::{count, duration, percent, time};
use crate::phase::Phase;
use crate::place::{Place, Reason};
use crate::poll_site::PollSite;
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
            VerdictKind::AsyncFits => self.async_fits(),
            VerdictKind::WaitsInThread => self.thread_cost(),
            VerdictKind::SyncFits => self.sync_fits(),
            VerdictKind::TooEarly if !self.subject.judged => {
                "requests for different things, counted together and not judged".to_owned()
            }
            VerdictKind::TooEarly => self.too_early(),
        }
    }

    pub(super) fn advice(&self, kind: VerdictKind) -> Option<String> {
        let window = self.window;
        let advice = match kind {
            VerdictKind::BlocksEventLoop => {
                self.advice_for_poll("blocking", window.blocked_at.mostly(window.blocked))
            }
            VerdictKind::ComputesOnEventLoop => {
                self.advice_for_poll("compute", window.computing_at.mostly(window.computing))
            }
            VerdictKind::SlowPolls => {
                self.advice_for_poll("blocking", window.unknown_at.mostly(window.unknown))
            }
            VerdictKind::NeverWaits if window.read_body > 0 => {
                "A plain `fn` is simpler: `get(sabr::sync(f))` runs it in place while it is short, and on a thread if it is not. \
                 It takes the body whole, as `Bytes` or `Json`; a handler that reads the body piece by piece stays async."
            }
            VerdictKind::NeverWaits => {
                "A plain `fn` is simpler: `get(sabr::sync(f))` runs it in place while it is short, and on a thread if it is not."
            }
            VerdictKind::CouldOverlap if is_loop(&window.proven) => {
                "Await them concurrently: `futures_util::future::join_all(futures).await`."
            }
            VerdictKind::CouldOverlap => {
                "Await them concurrently: `sabr::overlap!(first, second)`."
            }
            VerdictKind::WaitsInThread => {
                "If what it calls can be awaited, an `async fn` waits without a thread; if not, `Builder::threads(PoolKind::Endpoint, n)` says how many may wait at once."
            }
            VerdictKind::AsyncFits | VerdictKind::SyncFits | VerdictKind::TooEarly => return None,
        };
        Some(advice.to_owned())
    }

    /// What to do about slow polls. It must help wherever in the request the poll was.
    fn advice_for_poll(&self, pool: &str, site: PollSite) -> &'static str {
        let is_sync = self.subject.place.is_some();
        let pinned = self.subject.place == Some((Place::InPlace, Reason::Pinned));
        match (site, pool) {
            (PollSite::Body, "compute") => {
                "The body of the response computes, not the handler. Compute each piece in `sabr::compute(|| ..).await` \
                 before it is sent, or make the pieces smaller. A layer that compresses costs less at a lower level."
            }
            (PollSite::Body, _) => {
                "The body of the response blocks, not the handler. Read each piece in `sabr::blocking(|| ..).await`."
            }
            (PollSite::Function, _) if pinned => {
                "Remove `.in_place()`: `sync(f)` then runs on a pool of threads until it is short."
            }
            (PollSite::Function, _) => {
                "Pin it to the pool with `sync(f).pooled()`: short calls bring it in place, and then a long one holds up the event loop."
            }
            // The function of a sync endpoint is known, so it is something else.
            (PollSite::Head, "compute") if is_sync => {
                "The function does not do it: an extractor or a middleware does. Move its computation into `sabr::compute(|| ..).await`."
            }
            (PollSite::Head, _) if is_sync => {
                "The function does not do it: an extractor or a middleware does. Move its blocking call into `sabr::blocking(|| ..).await`."
            }
            (PollSite::Head, "compute") => {
                "Move the computation into `sabr::compute(|| ..).await`. If it is in the handler, a plain `fn` in `sabr::sync(f)` does it too."
            }
            (PollSite::Head, _) => {
                "Move the blocking call into `sabr::blocking(|| ..).await`. If it is in the handler, a plain `fn` in `sabr::sync(f)` does it too."
            }
        }
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
            if window.blocked == 1 {
                "was blocked"
            } else {
                "were blocked"
            },
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
            if window.unknown == 1 {
                "was slow"
            } else {
                "were slow"
            },
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
                "measured with `overlap!`: {} concurrently, {} one after the other",
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
            let raised = match is_machine_busy(window) {
                true => format!(
                    "; the machine was busy, so a verdict needs {} of the requests instead of {}",
                    percent(self.thresholds.blocked_share * BUSY_FACTOR),
                    percent(self.thresholds.blocked_share),
                ),
                false => String::new(),
            };
            format!(
                "{} blocked the event loop, for up to {}: too {} for a verdict{raised}",
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
            time(sums.in_turn / requests),
            time(sums.longest / requests),
        )
    }

    fn async_fits(&self) -> String {
        let window = self.window;
        let longest = time(self.longest_poll());
        let waits = if window.phases.nanos(Phase::Waiting) * 2 >= window.duration {
            format!("waits {} of its time", self.share_of_time(Phase::Waiting))
        } else if window.suspended > 0 {
            // Why not the share: it may be small, and the handler waits all the same.
            format!(
                "was suspended in {}",
                self.share_of_requests(window.suspended)
            )
        } else if window.offloaded > 0 {
            format!(
                "awaits a pool in {}",
                self.share_of_requests(window.offloaded)
            )
        } else {
            let pieces = self.share_of_requests(window.read_in_pieces);
            format!("reads the body piece by piece in {pieces}")
        };
        format!("{waits}, and its longest poll took {longest}")
    }

    fn thread_cost(&self) -> String {
        let window = self.window;
        let held = window.in_threads / window.ran_in_thread.max(1);
        let waiting = window.blocked_in_threads;
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
        if window.requests < self.thresholds.requests {
            return format!(
                "{} so far, of {} that a verdict needs",
                requests(window.requests),
                self.thresholds.requests,
            );
        }
        let others = match window.requests - window.succeeded {
            0 => String::new(),
            others => format!("; {} did not succeed", count(others)),
        };
        format!(
            "{} successful {} so far, of {} that a verdict needs{others}",
            count(window.succeeded),
            if window.succeeded == 1 {
                "request"
            } else {
                "requests"
            },
            self.thresholds.requests_without_wait,
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

/// Whether the waits have one label, as those of a loop have.
fn is_loop(sums: &SequenceSum) -> bool {
    sums.pair
        .is_some_and(|[(first, _), (second, _)]| first == second)
}

fn requests(number: u64) -> String {
    match number {
        1 => "1 request".to_owned(),
        _ => format!("{} requests", count(number)),
    }
}
