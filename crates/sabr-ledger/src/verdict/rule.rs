//! Which verdict an endpoint gets. The rules stand in the order in which they are tried.

use std::time::Duration;

use super::busy::{BUSY_FACTOR, is_machine_busy};
use super::subject::{Subject, is_worth_overlapping};
use super::words::Words;
use super::{Verdict, VerdictKind};
use crate::phase::Phase;
use crate::thresholds::Thresholds;
use crate::window::Window;

/// The fewest requests with a slow poll that count against a handler.
const MIN_OFFENCES: u64 = 3;

/// The verdict on one endpoint.
pub(crate) fn of(subject: &Subject, thresholds: &Thresholds) -> Verdict {
    let kind = kind(subject, thresholds);
    let words = Words::new(subject, thresholds);
    Verdict {
        kind,
        title: kind.title(),
        severity: kind.severity(),
        finding: words.finding(kind),
        advice: words.advice(kind),
        sample: subject.window.requests,
        evidence: words.evidence(kind),
        hint: words.hint(kind),
        accepted: None,
    }
}

fn kind(subject: &Subject, thresholds: &Thresholds) -> VerdictKind {
    let window = &subject.window;
    if !subject.judged {
        return VerdictKind::TooEarly;
    }
    // Verdicts about endpoints that slow others down come first, and do not wait for a full sample.
    let blocked_share = thresholds.blocked_share
        * if is_machine_busy(window) {
            BUSY_FACTOR
        } else {
            1.0
        };
    let blocks = offends(window.blocked, window.requests, blocked_share);
    let computes = offends(
        window.computing,
        window.requests,
        thresholds.computing_share,
    );
    if blocks && !(computes && is_side_effect(window)) {
        return VerdictKind::BlocksEventLoop;
    }
    if computes {
        return VerdictKind::ComputesOnEventLoop;
    }
    if offends(window.unknown, window.requests, thresholds.blocked_share) {
        return VerdictKind::SlowPolls;
    }
    if window.requests < thresholds.requests {
        return VerdictKind::TooEarly;
    }
    if subject.place.is_some() {
        return sync_kind(window, thresholds);
    }
    // A plain `fn` cannot read a body piece by piece.
    let waits = window.suspended > 0 || window.offloaded > 0 || window.read_in_pieces > 0;
    if !waits && window.succeeded >= thresholds.requests_without_wait {
        VerdictKind::NeverWaits
    } else if !waits {
        VerdictKind::TooEarly
    } else if is_worth_overlapping(&window.proven, window.requests) {
        VerdictKind::CouldOverlap
    } else {
        VerdictKind::AsyncFits
    }
}

fn sync_kind(window: &Window, thresholds: &Thresholds) -> VerdictKind {
    if window.known() < thresholds.requests {
        return VerdictKind::TooEarly;
    }
    let waiting = window.blocked_in_threads;
    // Time in which the machine ran other threads says nothing about the code.
    let own = window
        .in_threads
        .saturating_sub(window.preempted_in_threads);
    let share = waiting as f64 / own.max(1) as f64;
    // Requests that were refused because the pool was full have no part in it.
    let mean = Duration::from_nanos(waiting / window.ran_in_thread.max(1));
    if share >= thresholds.waiting_in_thread_share && mean >= thresholds.waiting_in_thread {
        VerdictKind::WaitsInThread
    } else {
        VerdictKind::SyncFits
    }
}

fn offends(offences: u64, requests: u64, share: f64) -> bool {
    offences >= MIN_OFFENCES && offences as f64 >= requests as f64 * share
}

/// Whether blocking is a side effect of computing. Allocating much memory, for example, blocks now
/// and then.
fn is_side_effect(window: &Window) -> bool {
    window.phases.nanos(Phase::Blocked) < window.phases.nanos(Phase::Computing) / 4
}

#[cfg(test)]
mod tests;
