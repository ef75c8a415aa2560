//! What is measured of one request, while it lasts.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;
use std::time::Instant;

use super::endpoint::{Ended, Endpoint, How};
use super::phase::Phases;
use super::sequence::Sequence;
use super::thread_clock::{self, Spent};
use super::timeline::Timeline;
use super::waits::{WaitId, WaitLog};
use super::{Book, Thresholds};

/// One request's account. It is closed once; what is told to it later changes nothing.
#[derive(Debug)]
pub(crate) struct Meter {
    began: Instant,
    endpoint: OnceLock<Arc<Endpoint>>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    timeline: Timeline,
    waits: WaitLog,
    main: Track,
    /// The first poll is counted from the beginning of the request.
    first_poll: bool,
    head: Option<u64>,
    panicked: bool,
    closed: bool,
}

/// A part of a request that is polled: what wakes it, and whether it has been woken since.
#[derive(Debug, Default)]
pub(crate) struct Track {
    waker: Option<Waker>,
    queued: bool,
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
    pub(crate) fn new(began: Instant) -> Self {
        let state = State {
            timeline: Timeline::polled(),
            waits: WaitLog::default(),
            main: Track::default(),
            first_poll: true,
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

    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// Which endpoint the request is for, if it is known already.
    pub(crate) fn endpoint(&self) -> Option<&Arc<Endpoint>> {
        self.endpoint.get()
    }

    /// The request is for `endpoint`. Only the first call counts. `now` is that of the poll it is called in.
    pub(crate) fn is_for(&self, endpoint: &Arc<Endpoint>, now: impl FnOnce() -> Instant) {
        if self.endpoint.set(Arc::clone(endpoint)).is_ok() {
            endpoint.begin();
            if endpoint.is_watched() {
                thread_clock::begin(now(), true);
            }
        }
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.endpoint()
            .is_some_and(|endpoint| endpoint.is_watched())
    }

    /// The request's future or its body is polled.
    pub(crate) fn poll_begins(&self, now: Instant, waker: &Waker) {
        let now = self.since_began(now);
        let mut state = self.lock();
        let state = &mut *state;
        state.main.wakes(waker);
        let was_queued = std::mem::take(&mut state.main.queued);
        if !std::mem::take(&mut state.first_poll) && !state.closed {
            state.timeline.poll_begins(now, was_queued);
        }
    }

    /// Another part of it is polled. Takes the lock of the request after that of the part.
    pub(crate) fn side_poll_begins(&self, track: &Mutex<Track>, now: Instant, waker: &Waker) {
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
    pub(crate) fn poll_ends(&self, now: Instant, spent: Spent, gave: bool) {
        let now = self.since_began(now);
        let mut state = self.lock();
        if !state.closed {
            state.timeline.poll_ends(now, spent, gave);
        }
    }

    /// The request's future or its body was woken. Gives the waker to wake.
    pub(crate) fn woken(&self, now: impl FnOnce() -> Instant) -> Option<Waker> {
        let mut state = self.lock();
        self.queue_main(&mut state, now);
        state.main.waker.take()
    }

    /// What is polled is pending although nothing keeps it waiting, and is as good as woken.
    pub(crate) fn yields(&self, now: Instant) {
        self.queue_main(&mut self.lock(), || now);
    }

    fn queue_main(&self, state: &mut State, now: impl FnOnce() -> Instant) {
        if !state.main.queued && !state.closed {
            state.main.queued = true;
            state.timeline.queue(self.since_began(now()));
        }
    }

    /// Another part of it was woken.
    pub(crate) fn side_woken(
        &self,
        track: &Mutex<Track>,
        now: impl FnOnce() -> Instant,
    ) -> Option<Waker> {
        let mut track = track.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::mem::replace(&mut track.queued, true) {
            self.tell(now(), Timeline::queue);
        }
        track.waker.take()
    }

    /// Another part of it is no more.
    pub(crate) fn side_ended(&self, track: &Mutex<Track>, now: Instant) {
        let mut track = track.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut track.queued) {
            self.tell(now, Timeline::unqueue);
        }
    }

    /// Something happened to it now.
    pub(crate) fn tell(&self, now: Instant, what: impl FnOnce(&mut Timeline, u64)) {
        let now = self.since_began(now);
        let mut state = self.lock();
        if !state.closed {
            what(&mut state.timeline, now);
        }
    }

    /// The head of the response is ready. From now on a wake is one of the body.
    pub(crate) fn head(&self, now: Instant) {
        let now = self.since_began(now);
        let mut state = self.lock();
        state.head = Some(now);
        if std::mem::take(&mut state.main.queued) && !state.closed {
            state.timeline.unqueue(now);
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
        created: Instant,
        depth: u16,
        now: Instant,
    ) -> Option<WaitId> {
        let (created, now) = (self.since_began(created), self.since_began(now));
        let mut state = self.lock();
        (!state.closed).then(|| state.waits.begin(label, created, depth, now))
    }

    pub(crate) fn wait_ends(&self, id: WaitId, now: Instant, finished: bool) {
        let now = self.since_began(now);
        let mut state = self.lock();
        if !state.closed {
            state.waits.end(id, now, finished);
        }
    }

    /// The request is over: its account is closed, and given to its endpoint.
    pub(crate) fn close(
        &self,
        now: Instant,
        how: How,
        status: Option<u16>,
        book: &Book,
        thresholds: &Thresholds,
    ) {
        let duration = self.since_began(now);
        let mut state = self.lock();
        if std::mem::replace(&mut state.closed, true) {
            return;
        }
        state.timeline.finish(duration);
        state.waits.finish(duration);
        let ended = Ended {
            duration,
            head: state.head,
            how: if state.panicked { How::Panicked } else { how },
            status,
            timeline: &state.timeline,
            waits: &state.waits,
            sequence: Sequence::longest_in(&state.waits),
        };
        let endpoint = self.endpoint.get_or_init(|| book.begin_without_route());
        endpoint.end(&ended, thresholds);
    }

    fn since_began(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.began);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }

    /// Nothing of ours panics under the lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
