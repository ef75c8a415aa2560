use std::time::Duration;

use super::kept::Kept;
#[cfg(feature = "status-times")]
use super::statuses::Statuses;
use crate::ended::{Ended, RequestOutcome};
use crate::histogram::Histogram;
use crate::phase::{Phase, Phases};
use crate::snapshot::{Outcomes, PhaseTime, WaitTime};
use crate::thresholds::Thresholds;
use crate::time::{Nanos, nanos, seconds};
use crate::waits::LabelTime;
use crate::window::Window;

/// The most labels of one endpoint. Further labels are not counted.
const MAX_LABELS: usize = 32;
/// A window lasts for at least this time. Why: a verdict rests on the present window and the one
/// before, so that it follows within two minutes when a busy endpoint is mended.
const WINDOW: Duration = Duration::from_secs(60);
/// And until it has at least this many requests, so that a quiet endpoint has enough of them.
const WINDOW_REQUESTS: u64 = 500;

/// The sums over all requests of one endpoint that have ended.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) outcomes: Outcomes,
    pub(crate) duration: Histogram,
    pub(crate) head: Histogram,
    #[cfg(feature = "status-times")]
    pub(crate) statuses: Statuses,
    pub(crate) kept: Kept,
    phases: Phases,
    waits: Vec<WaitSum>,
    /// The present window, then the one before.
    windows: [Window; 2],
    window_began: Option<Nanos>,
}

#[derive(Clone, Copy, Debug)]
struct WaitSum {
    label: &'static str,
    count: u64,
    union: u64,
    sum: u64,
}

impl Totals {
    /// Adds a request. Returns whether it is kept with all details.
    pub(crate) fn record(&mut self, ended: &Ended<'_>, thresholds: &Thresholds) -> bool {
        let outcomes = &mut self.outcomes;
        *match ended.outcome {
            RequestOutcome::Succeeded => &mut outcomes.succeeded,
            RequestOutcome::Refused => &mut outcomes.refused,
            RequestOutcome::Failed => &mut outcomes.failed,
            RequestOutcome::Panicked => &mut outcomes.panicked,
            RequestOutcome::Cancelled => &mut outcomes.cancelled,
        } += 1;
        #[cfg(feature = "status-times")]
        self.statuses
            .record(ended.status, ended.outcome.error(), ended.duration);
        self.duration.record(ended.duration);
        if let Some(head) = ended.head {
            self.head.record(head);
        }
        self.phases.add_all(ended.timeline.phases());
        for label in ended.waits.labels() {
            self.add_label(label);
        }
        self.rotate_windows(ended.now);
        self.windows[0].record(ended, thresholds);
        self.kept.offer(ended)
    }

    pub(crate) fn record_overlap(&mut self, nanos: Nanos, concurrent: bool) {
        let window = &mut self.windows[0];
        let trials = if concurrent {
            &mut window.concurrent
        } else {
            &mut window.sequential
        };
        trials.count += 1;
        trials.nanos += nanos;
    }

    pub(crate) fn requests(&self) -> u64 {
        let Outcomes {
            succeeded,
            refused,
            failed,
            panicked,
            cancelled,
        } = self.outcomes;
        succeeded + refused + failed + panicked + cancelled
    }

    /// Both windows together.
    pub(crate) fn window(&self) -> Window {
        let mut both = self.windows[1];
        both.add(&self.windows[0]);
        both
    }

    pub(crate) fn phase_times(&self) -> Vec<PhaseTime> {
        let time = |phase| PhaseTime {
            phase,
            seconds: seconds(self.phases.nanos(phase)),
        };
        Phase::ALL.iter().copied().map(time).collect()
    }

    pub(crate) fn wait_times(&self) -> Vec<WaitTime> {
        let time = |wait: &WaitSum| WaitTime {
            label: wait.label,
            count: wait.count,
            union: seconds(wait.union),
            sum: seconds(wait.sum),
        };
        let mut times: Vec<_> = self.waits.iter().map(time).collect();
        times.sort_by(|one, other| other.union.total_cmp(&one.union));
        times
    }

    fn add_label(&mut self, label: &LabelTime) {
        let mut waits = self.waits.iter_mut();
        if let Some(sum) = waits.find(|wait| wait.label == label.label) {
            sum.count += label.count;
            sum.union += label.union;
            sum.sum += label.sum;
        } else if self.waits.len() < MAX_LABELS {
            self.waits.push(WaitSum {
                label: label.label,
                count: label.count,
                union: label.union,
                sum: label.sum,
            });
        }
    }

    fn rotate_windows(&mut self, now: Nanos) {
        if self.windows[0].requests < WINDOW_REQUESTS {
            self.window_began.get_or_insert(now);
            return;
        }
        let began = *self.window_began.get_or_insert(now);
        if now.saturating_sub(began) >= nanos(WINDOW) {
            self.windows = [Window::default(), self.windows[0]];
            self.window_began = Some(now);
        }
    }
}
