//! Which verdict: the rules in the order in which they are asked.

use std::time::Duration;

use super::subject::{Subject, is_worth_overlapping};
use super::words::Words;
use super::{Verdict, VerdictKind};
use crate::ledger::Thresholds;
use crate::ledger::phase::Phase;
use crate::ledger::window::Window;

/// The fewest requests that a share of them is taken of.
const FEWEST_OFFENCES: u64 = 3;
/// On a busy machine so many times as many requests have to block: a short sleep lasts for milliseconds at times.
const BUSY: f64 = 5.0;

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
    }
}

fn kind(subject: &Subject, thresholds: &Thresholds) -> VerdictKind {
    let window = &subject.window;
    if !subject.judged {
        return VerdictKind::TooEarly;
    }
    // What hurts others is said as soon as it is certain.
    let blocked_share = thresholds.blocked_share * if is_machine_busy(window) { BUSY } else { 1.0 };
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
    let waits = window.suspended > 0 || window.offloaded > 0;
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
    let waiting = window.phases.nanos(Phase::WaitingInThread);
    // What the machine took says nothing of the code.
    let own = window
        .in_threads
        .saturating_sub(window.preempted_in_threads);
    let share = waiting as f64 / own.max(1) as f64;
    let mean = Duration::from_nanos(waiting / window.known().max(1));
    if share >= thresholds.waiting_in_thread_share && mean >= thresholds.waiting_in_thread {
        VerdictKind::WaitsInThread
    } else {
        VerdictKind::SyncFits
    }
}

fn offends(offences: u64, requests: u64, share: f64) -> bool {
    offences >= FEWEST_OFFENCES && offences as f64 >= requests as f64 * share
}

/// Whether the machine took a fifth of the time that the code would have run: then it is also late to wake who sleeps.
fn is_machine_busy(window: &Window) -> bool {
    let [computing, blocked, preempted] = [Phase::Computing, Phase::Blocked, Phase::Preempted]
        .map(|phase| window.phases.nanos(phase));
    preempted * 5 > computing + blocked + preempted
}

/// Whether what blocked is little beside what computed: to allocate a lot may block for a moment.
fn is_side_effect(window: &Window) -> bool {
    window.phases.nanos(Phase::Blocked) < window.phases.nanos(Phase::Computing) / 4
}

#[cfg(test)]
mod tests;
