//! The requests that are kept with all details: the slowest, the last failed and the last
//! cancelled.

use std::time::Duration;

use crate::ended::{Ended, RequestOutcome};
use crate::snapshot::{KeptAs, KeptRequest};
use crate::time::{Nanos, nanos, seconds};

/// The most requests of each kind.
const MAX_KEPT: usize = 5;
/// A slow request is dropped after ten minutes, when another one needs its place.
const SLOWEST_FOR: Duration = Duration::from_secs(600);
/// At most one failed and one cancelled request is kept in this time. Why: keeping one allocates,
/// and a service that fails ten thousand requests a second must not get slower.
const KEEP_INTERVAL: Duration = Duration::from_millis(100);

#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// When each request ended, its duration, and the request. Sorted, the slowest first.
    slowest: Vec<(Nanos, Nanos, KeptRequest)>,
    /// When the oldest of the slowest is dropped.
    stale_at: Nanos,
    failed: Recent,
    cancelled: Recent,
}

/// The last requests of one kind, the oldest first.
#[derive(Debug, Default)]
struct Recent {
    requests: Vec<KeptRequest>,
    kept_at: Option<Nanos>,
}

impl Kept {
    /// Keeps the request if it is worth it. Returns whether it did.
    pub(crate) fn offer(&mut self, ended: &Ended<'_>) -> bool {
        match ended.outcome {
            RequestOutcome::Succeeded | RequestOutcome::Refused => self.offer_slow(ended),
            RequestOutcome::Failed | RequestOutcome::Panicked => {
                self.failed.offer(ended, KeptAs::Failed)
            }
            RequestOutcome::Cancelled => self.cancelled.offer(ended, KeptAs::Cancelled),
        }
    }

    fn offer_slow(&mut self, ended: &Ended<'_>) -> bool {
        if self.slowest.len() >= MAX_KEPT {
            let least = self.slowest.last().map_or(0, |(_, duration, _)| *duration);
            if ended.duration <= least && ended.now < self.stale_at {
                return false;
            }
            let forget_before = ended.now.saturating_sub(nanos(SLOWEST_FOR));
            self.slowest.retain(|(at, ..)| *at > forget_before);
            self.slowest.truncate(MAX_KEPT - 1);
        }
        let at = self
            .slowest
            .partition_point(|(_, duration, _)| *duration >= ended.duration);
        let request = keep(ended, KeptAs::Slowest);
        self.slowest
            .insert(at, (ended.now, ended.duration, request));
        let oldest = self.slowest.iter().map(|(at, ..)| *at).min();
        self.stale_at = oldest.unwrap_or(ended.now) + nanos(SLOWEST_FOR);
        true
    }

    pub(crate) fn requests(&self) -> Vec<KeptRequest> {
        let slowest = self.slowest.iter().map(|(_, _, request)| request);
        let failed = self.failed.requests.iter().rev();
        let cancelled = self.cancelled.requests.iter().rev();
        slowest.chain(failed).chain(cancelled).cloned().collect()
    }
}

impl Recent {
    fn offer(&mut self, ended: &Ended<'_>, kept_as: KeptAs) -> bool {
        let since = |at: Nanos| ended.now.saturating_sub(at);
        if self
            .kept_at
            .is_some_and(|at| since(at) < nanos(KEEP_INTERVAL))
        {
            return false;
        }
        self.kept_at = Some(ended.now);
        if self.requests.len() >= MAX_KEPT {
            self.requests.remove(0);
        }
        self.requests.push(keep(ended, kept_as));
        true
    }
}

fn keep(ended: &Ended<'_>, kept_as: KeptAs) -> KeptRequest {
    let began_at = (ended.unix_time)().saturating_sub(Duration::from_nanos(ended.duration));
    KeptRequest {
        kept_as,
        began_at_ms: u64::try_from(began_at.as_millis()).unwrap_or(0),
        outcome: ended.outcome.as_str(),
        status: ended.status,
        duration: seconds(ended.duration),
        head: ended.head.map(seconds),
        polls: ended.timeline.observed().polls,
        segments: ended.timeline.trace().segments(),
        segments_over_bound: ended.timeline.trace().omitted(),
        waits: ended.waits.kept(),
        waits_over_bound: ended.waits.omitted(),
    }
}
