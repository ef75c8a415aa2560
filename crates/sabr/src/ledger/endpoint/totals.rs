use std::time::Duration;

use super::kept::Kept;
#[cfg(feature = "prometheus")]
use super::statuses::Statuses;
use crate::ledger::clock::{Nanos, nanos};
use crate::ledger::ended::{Ended, How};
use crate::ledger::histogram::Histogram;
use crate::ledger::phase::{Phase, Phases};
use crate::ledger::snapshot::{Outcomes, PhaseTime, WaitTime};
use crate::ledger::trace::seconds;
use crate::ledger::window::Window;
use crate::ledger::{Thresholds, waits::LabelTime};

/// The most labels of one endpoint; further ones are left out of its list.
const MOST_LABELS: usize = 32;
/// A verdict stands on the requests of the last minute or two, so that a mended endpoint is soon judged anew; or
/// on the last requests, if those are few.
const WINDOW: Duration = Duration::from_secs(60);
const WINDOW_REQUESTS: u64 = 500;

/// Everything about the requests that have ended.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) outcomes: Outcomes,
    pub(crate) duration: Histogram,
    pub(crate) head: Histogram,
    #[cfg(feature = "prometheus")]
    pub(crate) statuses: Statuses,
    pub(crate) kept: Kept,
    phases: Phases,
    waits: Vec<WaitSum>,
    /// The present window, and the one before.
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
    /// Says whether the request is kept.
    pub(crate) fn record(&mut self, ended: &Ended<'_>, thresholds: &Thresholds) -> bool {
        let outcomes = &mut self.outcomes;
        *match ended.how {
            How::Succeeded => &mut outcomes.succeeded,
            How::Refused => &mut outcomes.refused,
            How::Failed => &mut outcomes.failed,
            How::Panicked => &mut outcomes.panicked,
            How::Cancelled => &mut outcomes.cancelled,
        } += 1;
        #[cfg(feature = "prometheus")]
        self.statuses
            .record(ended.status, ended.how.error(), ended.duration);
        self.duration.record(ended.duration);
        if let Some(head) = ended.head {
            self.head.record(head);
        }
        self.phases.add_all(ended.timeline.phases());
        for label in &ended.waits.labels {
            self.add_label(label);
        }
        self.turn_window(ended.now);
        self.windows[0].record(ended, thresholds);
        self.kept.offer(ended)
    }

    pub(crate) fn overlapped(&mut self, nanos: u64, together: bool) {
        let window = &mut self.windows[0];
        let trials = if together {
            &mut window.together
        } else {
            &mut window.apart
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

    /// The windows together.
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
        Phase::ALL.map(time).to_vec()
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
        } else if self.waits.len() < MOST_LABELS {
            self.waits.push(WaitSum {
                label: label.label,
                count: label.count,
                union: label.union,
                sum: label.sum,
            });
        }
    }

    fn turn_window(&mut self, now: Nanos) {
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
