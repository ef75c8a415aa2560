//! The labelled waits of one request.

use serde::Serialize;

use crate::time::{Nanos, seconds};

/// One labelled wait of a kept request. Times are seconds since the request began.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct KeptWait {
    /// The label.
    pub label: &'static str,
    /// When the future was created.
    pub created: f64,
    /// When it was first polled.
    pub first_polled: f64,
    /// When it ended or was dropped.
    pub ended: f64,
    /// Whether it ended by itself. `false` if it was dropped.
    pub finished: bool,
    /// The number of labelled waits around it.
    pub depth: u16,
}

/// The most waits that are kept of one request.
const MAX_WAITS: usize = 64;
/// The most labels of one request. The last one is shared by all further labels.
const MAX_LABELS: usize = 16;
const OTHER_LABELS: &str = "(other)";

/// The labelled waits of one request: the first 64 one by one, and all of them by label.
#[derive(Clone, Debug, Default)]
pub struct WaitLog {
    waits: Vec<LoggedWait>,
    labels: Vec<LabelTime>,
    omitted: u64,
}

/// One wait. Times are nanoseconds since the request began.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LoggedWait {
    /// The label.
    pub label: &'static str,
    /// When the future was created.
    pub created: Nanos,
    /// When it was first polled.
    pub first_polled: Nanos,
    /// When it ended or was dropped. For a wait in progress, the time of its first poll.
    pub ended: Nanos,
    /// Whether it ended by itself. `false` if it was dropped or is in progress.
    pub finished: bool,
    /// The number of labelled waits around it.
    pub depth: u16,
    ongoing: bool,
}

/// All waits of one request with one label. Times are nanoseconds.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LabelTime {
    /// The label.
    pub label: &'static str,
    /// The number of waits.
    pub count: u64,
    /// The time during which at least one of them was in progress. Waits in progress are not
    /// included.
    pub union: Nanos,
    /// The sum of their lengths. Waits in progress are not included.
    pub sum: Nanos,
    ongoing: u32,
    ongoing_since: Nanos,
}

/// Where a wait is logged: from [`Meter::wait_begins`](crate::Meter::wait_begins), for
/// [`Meter::wait_ends`](crate::Meter::wait_ends).
#[derive(Clone, Copy, Debug)]
pub struct WaitId {
    wait: Option<usize>,
    label: usize,
    first_polled: u64,
}

impl WaitLog {
    /// The waits in the order of their first polls. At most 64.
    #[must_use]
    pub fn waits(&self) -> &[LoggedWait] {
        &self.waits
    }

    /// The labels in the order of their first waits. At most 16.
    #[must_use]
    pub fn labels(&self) -> &[LabelTime] {
        &self.labels
    }

    /// The number of waits that [`waits`](Self::waits) leaves out.
    #[must_use]
    pub fn omitted(&self) -> u64 {
        self.omitted
    }

    pub(crate) fn begin(
        &mut self,
        label: &'static str,
        created: u64,
        depth: u16,
        now: u64,
    ) -> WaitId {
        let at = self.label(label);
        let time = &mut self.labels[at];
        time.count += 1;
        time.ongoing += 1;
        if time.ongoing == 1 {
            time.ongoing_since = now;
        }
        let mut wait = None;
        if self.waits.len() < MAX_WAITS {
            wait = Some(self.waits.len());
            self.waits.push(LoggedWait {
                label,
                created,
                first_polled: now,
                ended: now,
                finished: false,
                depth,
                ongoing: true,
            });
        } else {
            self.omitted += 1;
        }
        WaitId {
            wait,
            label: at,
            first_polled: now,
        }
    }

    pub(crate) fn end(&mut self, id: WaitId, now: u64, finished: bool) {
        let time = &mut self.labels[id.label];
        time.sum += now.saturating_sub(id.first_polled);
        time.ongoing -= 1;
        if time.ongoing == 0 {
            time.union += now.saturating_sub(time.ongoing_since);
        }
        if let Some(wait) = id.wait.and_then(|at| self.waits.get_mut(at)) {
            wait.ended = now;
            wait.finished = finished;
            wait.ongoing = false;
        }
    }

    /// The request is over. Waits that go on are dropped with it.
    pub(crate) fn finish(&mut self, now: u64) {
        for wait in self.waits.iter_mut().filter(|wait| wait.ongoing) {
            wait.ended = now;
            wait.ongoing = false;
            let mut labels = self.labels.iter_mut();
            if let Some(time) = labels.find(|time| time.label == wait.label) {
                time.sum += now.saturating_sub(wait.first_polled);
            }
        }
        for time in self.labels.iter_mut().filter(|time| time.ongoing > 0) {
            time.union += now.saturating_sub(time.ongoing_since);
            time.ongoing = 0;
        }
    }

    fn label(&mut self, label: &'static str) -> usize {
        let known = self.labels.iter().position(|time| time.label == label);
        known.unwrap_or_else(|| match self.labels.len() {
            MAX_LABELS => MAX_LABELS - 1,
            at => {
                let label = if at == MAX_LABELS - 1 {
                    OTHER_LABELS
                } else {
                    label
                };
                self.labels.push(LabelTime {
                    label,
                    count: 0,
                    union: 0,
                    sum: 0,
                    ongoing: 0,
                    ongoing_since: 0,
                });
                at
            }
        })
    }

    pub(crate) fn kept(&self) -> Vec<KeptWait> {
        let kept = |wait: &LoggedWait| KeptWait {
            label: wait.label,
            created: seconds(wait.created),
            first_polled: seconds(wait.first_polled),
            ended: seconds(wait.ended),
            finished: wait.finished,
            depth: wait.depth,
        };
        self.waits.iter().map(kept).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_counts_time_side_by_side_once_in_the_union_and_twice_in_the_sum() {
        let mut log = WaitLog::default();
        let first = log.begin("db", 0, 0, 0);
        let second = log.begin("db", 0, 0, 50);
        log.end(first, 100, true);
        log.end(second, 150, true);
        let third = log.begin("db", 0, 0, 200);
        log.end(third, 210, true);
        assert_eq!((log.labels[0].union, log.labels[0].sum), (160, 210));
    }

    #[test]
    fn wait_that_goes_on_ends_with_the_request() {
        let mut log = WaitLog::default();
        log.begin("db", 0, 0, 10);
        log.finish(30);
        assert_eq!((log.labels[0].union, log.labels[0].sum), (20, 20));
        assert!(!log.waits[0].finished);
    }

    #[test]
    fn labels_and_waits_have_a_bound() {
        const LABELS: [&str; 20] = [
            "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q",
            "r", "s", "t",
        ];
        let mut log = WaitLog::default();
        for round in 0..10 {
            for label in LABELS {
                let id = log.begin(label, 0, 0, round);
                log.end(id, round + 1, true);
            }
        }
        assert_eq!(log.labels.len(), MAX_LABELS);
        let counted: u64 = log.labels.iter().map(|time| time.count).sum();
        assert_eq!(counted, 200);
        assert_eq!(log.waits.len() as u64 + log.omitted(), 200);
    }
}
