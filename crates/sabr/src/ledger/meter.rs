//! What is measured of one request, while it lasts.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;

use super::clock::Nanos;
use super::ended::{Ended, How};
use super::endpoint::Endpoint;
use super::phase::Phases;
use super::sequence::Sequence;
use super::thread_clock::Spent;
use super::timeline::Timeline;
use super::waits::{WaitId, WaitLog};
use super::{Book, Thresholds};

/// One request's account. It is closed once; what is told to it later changes nothing.
#[derive(Debug)]
pub(crate) struct Meter {
    began: Nanos,
    endpoint: OnceLock<Arc<Endpoint>>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    timeline: Timeline,
    waits: WaitLog,
    main: Track,
    head: Option<u64>,
    panicked: bool,
    closed: bool,
}

/// What became of a request whose account is closed.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "opentelemetry"),
    expect(dead_code, reason = "read by those whom the ledger tells of requests")
)]
pub(crate) struct Closed {
    pub(crate) how: How,
    pub(crate) status: Option<u16>,
    /// In nanoseconds.
    pub(crate) duration: u64,
    /// It was worth a look.
    pub(crate) kept: bool,
}

/// A part of a request that is polled: what wakes it, and whether it has been woken since.
#[derive(Debug, Default)]
pub(crate) struct Track {
    waker: Option<Waker>,
    queued: bool,
}

/// How a poll of the request's future or of its body came out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Polled<'a> {
    /// `yields` if nothing keeps it waiting: it has had its share for now.
    Pending { waker: &'a Waker, yields: bool },
    /// The head of the response is ready. From now on a wake is one of the body.
    Head,
    /// A piece of the body is ready, or its end.
    Piece,
    /// It panicked.
    Panicked,
}

impl Polled<'_> {
    /// Whether the handler waits for nothing any more: the connection has got something, or is about to hear of
    /// the panic.
    fn gave(self) -> bool {
        matches!(self, Self::Head | Self::Piece | Self::Panicked)
    }
}

impl Track {
    /// One that waits for its first poll.
    pub(crate) fn queued() -> Self {
        Self {
            waker: None,
            queued: true,
        }
    }

    fn wakes(&mut self, waker: &Waker) {
        match &mut self.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
    }
}

impl Meter {
    pub(crate) fn new(began: Nanos) -> Self {
        let state = State {
            timeline: Timeline::polled(),
            waits: WaitLog::default(),
            main: Track::default(),
            head: None,
            panicked: false,
            closed: false,
        };
        Self {
            began,
            endpoint: OnceLock::new(),
            state: Mutex::new(state),
        }
    }

    pub(crate) fn began(&self) -> Nanos {
        self.began
    }

    /// Which endpoint the request is for, if it is known already.
    pub(crate) fn endpoint(&self) -> Option<&Arc<Endpoint>> {
        self.endpoint.get()
    }

    /// The request is for `endpoint`. Only the first call counts. `again` begins the stretch that goes on anew, to be
    /// measured exactly.
    pub(crate) fn is_for(&self, endpoint: &Arc<Endpoint>, again: impl FnOnce()) {
        if self.endpoint.set(Arc::clone(endpoint)).is_ok() {
            endpoint.begin();
            if endpoint.is_watched() {
                again();
            }
        }
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.endpoint()
            .is_some_and(|endpoint| endpoint.is_watched())
    }

    /// The request's future or its body is polled, and not for the first time: that poll begins with the
    /// request.
    pub(crate) fn poll_begins(&self, now: Nanos) {
        let now = self.since_began(now);
        let mut state = self.lock();
        let state = &mut *state;
        let was_queued = std::mem::take(&mut state.main.queued);
        if !state.closed {
            state.timeline.poll_begins(now, was_queued);
        }
    }

    /// The request's future or its body was polled. If it is pending, `waker` is to be woken for it.
    pub(crate) fn main_poll_ends(&self, now: Nanos, spent: Spent, polled: Polled<'_>) {
        let now = self.since_began(now);
        let mut state = self.lock();
        let state = &mut *state;
        if let Polled::Pending { waker, yields } = polled {
            if state.main.queued {
                // Woken during the poll, when this waker was not known yet.
                waker.wake_by_ref();
            } else {
                state.main.wakes(waker);
            }
            if yields && !std::mem::replace(&mut state.main.queued, true) && !state.closed {
                state.timeline.queue(now);
            }
        }
        if state.closed {
            return;
        }
        state.timeline.poll_ends(now, spent, polled.gave());
        if matches!(polled, Polled::Head) {
            state.head = Some(now);
            if std::mem::take(&mut state.main.queued) {
                state.timeline.unqueue(now);
            }
        }
    }

    /// Another part of it is polled. Takes the lock of the request after that of the part.
    pub(crate) fn side_poll_begins(&self, track: &Mutex<Track>, now: Nanos, waker: &Waker) {
        let mut track = track.lock().unwrap_or_else(PoisonError::into_inner);
        track.wakes(waker);
        let was_queued = std::mem::take(&mut track.queued);
        let mut state = self.lock();
        if !state.closed {
            let now = self.since_began(now);
            state.timeline.poll_begins(now, was_queued);
        }
    }

    /// What was polled has returned; `gave` says with something for the connection.
    pub(crate) fn poll_ends(&self, now: Nanos, spent: Spent, gave: bool) {
        let now = self.since_began(now);
        let mut state = self.lock();
        if !state.closed {
            state.timeline.poll_ends(now, spent, gave);
        }
    }

    /// The request's future or its body was woken. Gives the waker to wake.
    pub(crate) fn woken(&self, now: impl FnOnce() -> Nanos) -> Option<Waker> {
        let mut state = self.lock();
        if !std::mem::replace(&mut state.main.queued, true) && !state.closed {
            let now = self.since_began(now());
            state.timeline.queue(now);
        }
        state.main.waker.take()
    }

    /// Another part of it was woken.
    pub(crate) fn side_woken(
        &self,
        track: &Mutex<Track>,
        now: impl FnOnce() -> Nanos,
    ) -> Option<Waker> {
        let mut track = track.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut track.queued, true) {
            self.tell(now(), Timeline::queue);
        }
        track.waker.take()
    }

    /// Another part of it is no more.
    pub(crate) fn side_ended(&self, track: &Mutex<Track>, now: Nanos) {
        let mut track = track.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut track.queued) {
            self.tell(now, Timeline::unqueue);
        }
    }

    /// Something happened to it now.
    pub(crate) fn tell(&self, now: Nanos, what: impl FnOnce(&mut Timeline, u64)) {
        let now = self.since_began(now);
        let mut state = self.lock();
        if !state.closed {
            what(&mut state.timeline, now);
        }
    }

    pub(crate) fn panicked(&self) {
        self.lock().panicked = true;
    }

    /// The phases up to the last event, and the labelled waits with the time of those that have ended.
    pub(crate) fn so_far(&self) -> (Phases, WaitLog) {
        let state = self.lock();
        (*state.timeline.phases(), state.waits.clone())
    }

    pub(crate) fn wait_begins(
        &self,
        label: &'static str,
        created: Nanos,
        depth: u16,
        now: Nanos,
    ) -> Option<WaitId> {
        let (created, now) = (self.since_began(created), self.since_began(now));
        let mut state = self.lock();
        (!state.closed).then(|| state.waits.begin(label, created, depth, now))
    }

    pub(crate) fn wait_ends(&self, id: WaitId, now: Nanos, finished: bool) {
        let now = self.since_began(now);
        let mut state = self.lock();
        if !state.closed {
            state.waits.end(id, now, finished);
        }
    }

    /// The request is not to be counted.
    pub(crate) fn leave_out(&self) {
        if !std::mem::replace(&mut self.lock().closed, true)
            && let Some(endpoint) = self.endpoint()
        {
            endpoint.leave_out();
        }
    }

    /// The request is over: its account is closed, and given to its endpoint. Gives nothing if it is not counted.
    pub(crate) fn close(
        &self,
        now: Nanos,
        how: How,
        status: Option<u16>,
        book: &Book,
        thresholds: &Thresholds,
    ) -> Option<Closed> {
        let duration = self.since_began(now);
        let mut state = self.lock();
        if std::mem::replace(&mut state.closed, true) {
            return None;
        }
        state.timeline.finish(duration);
        state.waits.finish(duration);
        debug_assert_eq!(
            state.timeline.phases().total().as_nanos(),
            u128::from(duration),
            "phases sum to the whole"
        );
        let ended = Ended {
            now,
            duration,
            head: state.head,
            how: if state.panicked { How::Panicked } else { how },
            status,
            timeline: &state.timeline,
            waits: &state.waits,
            sequence: Sequence::longest_in(&state.waits),
        };
        let endpoint = self.endpoint.get_or_init(|| book.begin_without_route());
        let kept = endpoint.end(&ended, thresholds);
        Some(Closed {
            how: ended.how,
            status,
            duration,
            kept,
        })
    }

    fn since_began(&self, now: Nanos) -> u64 {
        now.saturating_sub(self.began)
    }

    /// Nothing of ours panics under the lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::phase::Phase;

    #[test]
    fn way_of_a_panic_to_its_answer_is_no_suspension() {
        let meter = Meter::new(0);
        meter.main_poll_ends(10_000, Spent::all_computing(10_000), Polled::Panicked);
        meter.tell(40_000, |timeline, now| timeline.poll_begins(now, false));
        meter.poll_ends(50_000, Spent::all_computing(10_000), true);
        meter.tell(50_000, Timeline::finish);
        let state = meter.lock();
        assert!(!state.timeline.seen.suspended);
        assert_eq!(state.timeline.phases().nanos(Phase::Computing), 50_000);
    }
}
