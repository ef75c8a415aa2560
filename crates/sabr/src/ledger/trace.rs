//! The picture of a request: which phase it was in from when to when.

use serde::Serialize;

use super::Phase;

/// A stretch of one phase.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct Segment {
    /// Which phase.
    pub phase: Phase,
    /// From when, counted from the beginning of the request.
    pub from: f64,
    /// To when.
    pub to: f64,
}

/// The most stretches kept of one request.
const MOST: usize = 64;

/// The stretches of one request. Those of running code are open until it is known how they were spent. The
/// last is held apart, so that a request of one stretch allocates nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    before: Vec<Stretch>,
    last: Option<Stretch>,
    over: u64,
    /// Stretches that are open. They are the last ones, but for what ran beside them.
    open: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    kind: Kind,
    from: u64,
    to: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Settled(Phase),
    /// Inside a poll, and not yet known how spent.
    Polled,
    /// On a pool thread, and not yet known how spent.
    OnThread,
}

impl Stretch {
    fn is_open(self) -> bool {
        !matches!(self.kind, Kind::Settled(_))
    }
}

impl Trace {
    pub(crate) fn push(&mut self, kind: Kind, from: u64, to: u64) {
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
        if self.before.len() >= MOST {
            self.over += 1;
            return;
        }
        let stretch = Stretch { kind, from, to };
        self.open += usize::from(stretch.is_open());
        self.before.extend(self.last.replace(stretch));
    }

    /// Gives the open stretches of `kind` one phase.
    pub(crate) fn settle_as(&mut self, kind: Kind, phase: Phase) {
        let stretches = self.before.iter_mut().chain(&mut self.last);
        let mut left = self.open;
        for stretch in stretches.rev() {
            if left == 0 {
                break;
            }
            left -= usize::from(stretch.is_open());
            if stretch.kind == kind {
                stretch.kind = Kind::Settled(phase);
                self.open -= 1;
            }
        }
        self.merge_last();
    }

    /// Gives the open stretches of `kind` their phases, in the order of `shares`, which sum to them.
    pub(crate) fn settle<const N: usize>(&mut self, kind: Kind, mut shares: [(Phase, u64); N]) {
        self.open = 0;
        let stretches: Vec<_> = self.before.drain(..).chain(self.last.take()).collect();
        for stretch in stretches {
            if stretch.kind != kind {
                self.push(stretch.kind, stretch.from, stretch.to);
                continue;
            }
            let mut from = stretch.from;
            for (phase, share) in &mut shares {
                let part = (*share).min(stretch.to - from);
                *share -= part;
                self.push(Kind::Settled(*phase), from, from + part);
                from += part;
            }
        }
    }

    /// A stretch that was settled may go on the one before it.
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
        let stretches = self.before.iter().chain(&self.last);
        let segment = |stretch: &Stretch| Segment {
            phase: match stretch.kind {
                Kind::Settled(phase) => phase,
                Kind::Polled | Kind::OnThread => Phase::Unknown,
            },
            from: seconds(stretch.from),
            to: seconds(stretch.to),
        };
        stretches.map(segment).collect()
    }

    /// Stretches that were left out.
    pub(crate) fn over(&self) -> u64 {
        self.over
    }
}

/// Nanoseconds as seconds.
pub(crate) fn seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}
