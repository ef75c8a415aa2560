//! The phases of one request in the order of time, to be drawn.

use serde::Serialize;

use crate::phase::Phase;
use crate::time::seconds;

/// An interval that a request spent in one phase. Times are seconds since the request began.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct Segment {
    /// The phase.
    pub phase: Phase,
    /// The start of the interval.
    pub from: f64,
    /// The end of the interval.
    pub to: f64,
}

/// The most intervals that are kept of one request.
const MAX_INTERVALS: usize = 64;

/// The intervals of one request. An interval of running code is open until its thread's clocks are
/// read, and then gets its phases.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    before: Vec<Interval>,
    /// Why: it is held apart from the others, so that a request of one interval allocates nothing.
    last: Option<Interval>,
    omitted: u64,
    /// The number of open intervals. They are at the end, mixed with those of parts that ran
    /// beside them.
    open: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Interval {
    kind: IntervalKind,
    from: u64,
    to: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IntervalKind {
    Settled(Phase),
    /// Inside a poll that has not been split into phases yet.
    Polled,
    /// On a pool thread, in a job that has not been split into phases yet.
    OnThread,
}

impl Interval {
    fn is_open(self) -> bool {
        !matches!(self.kind, IntervalKind::Settled(_))
    }
}

impl Trace {
    pub(crate) fn push(&mut self, kind: IntervalKind, from: u64, to: u64) {
        if from >= to {
            return;
        }
        if let Some(last) = &mut self.last
            && last.kind == kind
            && last.to == from
        {
            last.to = to;
            return;
        }
        if self.before.len() + usize::from(self.last.is_some()) >= MAX_INTERVALS {
            self.omitted += 1;
            return;
        }
        let interval = Interval { kind, from, to };
        self.open += usize::from(interval.is_open());
        self.before.extend(self.last.replace(interval));
    }

    /// Gives all open intervals of `kind` one phase.
    pub(crate) fn settle_as(&mut self, kind: IntervalKind, phase: Phase) {
        let intervals = self.before.iter_mut().chain(&mut self.last);
        let mut left = self.open;
        for interval in intervals.rev() {
            if left == 0 {
                break;
            }
            left -= usize::from(interval.is_open());
            if interval.kind == kind {
                interval.kind = IntervalKind::Settled(phase);
                self.open -= 1;
            }
        }
        self.merge_last();
    }

    /// Splits the open intervals of `kind` into phases, in the order of `shares`. The shares sum to
    /// the length of these intervals.
    pub(crate) fn settle<const N: usize>(
        &mut self,
        kind: IntervalKind,
        mut shares: [(Phase, u64); N],
    ) {
        self.open = 0;
        let intervals: Vec<_> = self.before.drain(..).chain(self.last.take()).collect();
        for interval in intervals {
            if interval.kind != kind {
                self.push(interval.kind, interval.from, interval.to);
                continue;
            }
            let mut from = interval.from;
            for (phase, share) in &mut shares {
                let part = (*share).min(interval.to - from);
                *share -= part;
                self.push(IntervalKind::Settled(*phase), from, from + part);
                from += part;
            }
        }
    }

    /// Joins the last interval to the one before it, if both are of one phase and adjacent.
    fn merge_last(&mut self) {
        if let (Some(last), Some(before)) = (&mut self.last, self.before.last())
            && last.kind == before.kind
            && last.from == before.to
        {
            last.from = before.from;
            self.before.pop();
        }
    }

    pub(crate) fn segments(&self) -> Vec<Segment> {
        let intervals = self.before.iter().chain(&self.last);
        let segment = |interval: &Interval| Segment {
            phase: match interval.kind {
                IntervalKind::Settled(phase) => phase,
                IntervalKind::Polled | IntervalKind::OnThread => Phase::Unknown,
            },
            from: seconds(interval.from),
            to: seconds(interval.to),
        };
        intervals.map(segment).collect()
    }

    /// The number of intervals over the bound.
    pub(crate) fn omitted(&self) -> u64 {
        self.omitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_64_intervals_are_kept_and_the_others_are_counted() {
        let mut trace = Trace::default();
        for at in 0..100 {
            let phase = [Phase::Waiting, Phase::Queued][at % 2];
            let at = at as u64;
            trace.push(IntervalKind::Settled(phase), at, at + 1);
        }
        assert_eq!(trace.segments().len(), MAX_INTERVALS);
        assert_eq!(trace.omitted(), 36);
    }
}
