//! The requests worth a look: the slowest, the last that failed and the last that were cancelled.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::ledger::clock::{Nanos, nanos};
use crate::ledger::ended::{Ended, How};
use crate::ledger::snapshot::{KeptAs, KeptRequest};
use crate::ledger::trace::seconds;

/// How many of each kind.
const MOST: usize = 5;
/// A slow request is forgotten after this.
const SLOWEST_FOR: Duration = Duration::from_secs(600);
/// Of failed and of cancelled requests at most one in this time is kept: a service that refuses ten thousand
/// a second has better things to do.
const EVERY: Duration = Duration::from_millis(100);

#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// When each ended, how long it took, and how it went.
    slowest: Vec<(Nanos, Nanos, KeptRequest)>,
    /// When the oldest of the slowest is to be forgotten.
    stale_at: Nanos,
    failed: Last,
    cancelled: Last,
}

/// The last of one kind, the oldest first.
#[derive(Debug, Default)]
struct Last {
    requests: Vec<KeptRequest>,
    kept_at: Option<Nanos>,
}

impl Kept {
    /// Says whether it is kept.
    pub(crate) fn offer(&mut self, ended: &Ended<'_>) -> bool {
        match ended.how {
            How::Succeeded | How::Refused => self.offer_slow(ended),
            How::Failed | How::Panicked => self.failed.offer(ended, KeptAs::Failed),
            How::Cancelled => self.cancelled.offer(ended, KeptAs::Cancelled),
        }
    }

    fn offer_slow(&mut self, ended: &Ended<'_>) -> bool {
        if self.slowest.len() >= MOST {
            // Sorted, the slowest first.
            let least = self.slowest.last().map_or(0, |(_, duration, _)| *duration);
            if ended.duration <= least && ended.now < self.stale_at {
                return false;
            }
            let forget_before = ended.now.saturating_sub(nanos(SLOWEST_FOR));
            self.slowest.retain(|(at, ..)| *at > forget_before);
            self.slowest.truncate(MOST - 1);
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

impl Last {
    fn offer(&mut self, ended: &Ended<'_>, kept_as: KeptAs) -> bool {
        let since = |at: Nanos| ended.now.saturating_sub(at);
        if self.kept_at.is_some_and(|at| since(at) < nanos(EVERY)) {
            return false;
        }
        self.kept_at = Some(ended.now);
        if self.requests.len() >= MOST {
            self.requests.remove(0);
        }
        self.requests.push(keep(ended, kept_as));
        true
    }
}

fn keep(ended: &Ended<'_>, kept_as: KeptAs) -> KeptRequest {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    let ended_at = since_1970.unwrap_or_default();
    let began_at = ended_at.saturating_sub(Duration::from_nanos(ended.duration));
    KeptRequest {
        kept_as,
        began_at_ms: u64::try_from(began_at.as_millis()).unwrap_or(0),
        outcome: ended.how.as_str(),
        status: ended.status,
        duration: seconds(ended.duration),
        head: ended.head.map(seconds),
        polls: ended.timeline.seen.polls,
        segments: ended.timeline.trace.segments(),
        segments_over_bound: ended.timeline.trace.over(),
        waits: ended.waits.kept(),
        waits_over_bound: ended.waits.over(),
    }
}
