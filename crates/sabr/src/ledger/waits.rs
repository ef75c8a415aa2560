//! The labelled waits of one request.

use serde::Serialize;

use super::trace::seconds;

/// One labelled wait of a request; times count from the beginning of the request.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct KeptWait {
    /// The label.
    pub label: &'static str,
    /// When it was made.
    pub created: f64,
    /// When it was first polled.
    pub first_polled: f64,
    /// When it ended or was dropped.
    pub ended: f64,
    /// Whether it came to its end, rather than being dropped.
    pub finished: bool,
    /// How many labelled waits it is inside of.
    pub depth: u16,
}

/// The most waits kept of one request, and the most labels; further labels share one.
const MOST_WAITS: usize = 64;
const MOST_LABELS: usize = 16;
const OTHER_LABELS: &str = "(other)";

#[derive(Clone, Debug, Default)]
pub(crate) struct WaitLog {
    pub(crate) waits: Vec<Logged>,
    pub(crate) labels: Vec<LabelTime>,
    over: u64,
}

/// One wait; times are nanoseconds since the request began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Logged {
    pub(crate) label: &'static str,
    pub(crate) created: u64,
    pub(crate) first_polled: u64,
    /// As yet the beginning, while it goes on.
    pub(crate) ended: u64,
    pub(crate) finished: bool,
    /// How many others it is inside of.
    pub(crate) depth: u16,
    ongoing: bool,
}

/// All waits with one label.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LabelTime {
    pub(crate) label: &'static str,
    pub(crate) count: u64,
    /// How long at least one went on, without those that go on now.
    pub(crate) union: u64,
    pub(crate) sum: u64,
    ongoing: u32,
    ongoing_since: u64,
}

/// Where a wait is logged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WaitId {
    wait: Option<usize>,
    label: usize,
    first_polled: u64,
}

impl WaitLog {
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
        if self.waits.len() < MOST_WAITS {
            wait = Some(self.waits.len());
            self.waits.push(Logged {
                label,
                created,
                first_polled: now,
                ended: now,
                finished: false,
                depth,
                ongoing: true,
            });
        } else {
            self.over += 1;
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

    /// The request is over: what goes on is dropped with it.
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
            MOST_LABELS => MOST_LABELS - 1,
            at => {
                let label = if at == MOST_LABELS - 1 {
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
        let kept = |wait: &Logged| KeptWait {
            label: wait.label,
            created: seconds(wait.created),
            first_polled: seconds(wait.first_polled),
            ended: seconds(wait.ended),
            finished: wait.finished,
            depth: wait.depth,
        };
        self.waits.iter().map(kept).collect()
    }

    /// Waits that were left out.
    pub(crate) fn over(&self) -> u64 {
        self.over
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
        assert_eq!(log.labels.len(), MOST_LABELS);
        let counted: u64 = log.labels.iter().map(|time| time.count).sum();
        assert_eq!(counted, 200);
        assert_eq!(log.waits.len() as u64 + log.over(), 200);
    }
}
