use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use http::Version;

/// The state of a connection, for its idle timeout and its disconnect detection.
///
/// The fields order no other memory. A stale value makes a connection look idle a little later.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    in_flight: AtomicUsize,
    /// Requests in flight whose answer has no head yet.
    unanswered: AtomicUsize,
    /// The last request was HTTP/1.1, so an interim response may precede the answer.
    http11: AtomicBool,
    steps: AtomicU64,
    /// The socket accepts no more bytes, because the peer does not read.
    full: AtomicBool,
    /// A request body was dropped before the peer had sent it whole.
    body_unread: AtomicBool,
}

impl Progress {
    /// A request began. This is no progress; the answer will be.
    pub(crate) fn request_began(&self, version: Version) {
        self.http11
            .store(version == Version::HTTP_11, Ordering::Relaxed);
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        self.unanswered.fetch_add(1, Ordering::Relaxed);
    }

    /// Records that the head of the answer was handed to the connection.
    pub(crate) fn answer_began(&self) {
        self.unanswered.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn request_ended(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn body_left_unread(&self) {
        self.body_unread.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_unread_body(&self) -> bool {
        self.body_unread.load(Ordering::Relaxed)
    }

    /// Whether an interim response may be written now: an HTTP/1.1 request waits for its answer,
    /// and no earlier answer is partly written.
    pub(crate) fn takes_interim_response(&self) -> bool {
        self.http11.load(Ordering::Relaxed)
            && self.unanswered.load(Ordering::Relaxed) == 1
            && !self.full.load(Ordering::Relaxed)
    }

    /// Whether there was progress since `seen`, or a request is in flight that waits for the
    /// service rather than for its client. Updates `seen`.
    pub(crate) fn since(&self, seen: &mut u64) -> bool {
        let steps = self.steps.load(Ordering::Relaxed);
        let moved = std::mem::replace(seen, steps) != steps;
        let waits_for_us = self.in_flight.load(Ordering::Relaxed) > 0;
        moved || waits_for_us && !self.full.load(Ordering::Relaxed)
    }

    /// Records whether the socket is full.
    pub(crate) fn writes(&self, full: bool) {
        // Why a load first: the value nearly never changes, and a store is more expensive.
        if self.full.load(Ordering::Relaxed) != full {
            self.full.store(full, Ordering::Relaxed);
        }
    }

    pub(crate) fn step(&self) {
        self.steps.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_moves_while_a_request_is_in_flight_and_after_each_step() {
        let (progress, mut seen) = (Progress::default(), 0);
        assert!(!progress.since(&mut seen));
        progress.request_began(Version::HTTP_11);
        assert!(progress.since(&mut seen), "it is in flight");
        progress.writes(true);
        assert!(!progress.since(&mut seen), "its client takes nothing");
        progress.writes(false);
        assert!(progress.since(&mut seen));
        progress.request_ended();
        assert!(!progress.since(&mut seen));
        progress.step();
        assert!(progress.since(&mut seen));
        assert!(!progress.since(&mut seen));
    }

    #[test]
    fn interim_response_precedes_only_an_answer_of_http_1_1() {
        let progress = Progress::default();
        assert!(!progress.takes_interim_response());
        progress.request_began(Version::HTTP_11);
        assert!(progress.takes_interim_response());
        progress.writes(true);
        assert!(!progress.takes_interim_response(), "bytes are waiting");
        progress.writes(false);
        progress.answer_began();
        assert!(!progress.takes_interim_response(), "the answer has begun");
        progress.request_began(Version::HTTP_10);
        assert!(!progress.takes_interim_response(), "HTTP/1.0 has none");
    }
}
