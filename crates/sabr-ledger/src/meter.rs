//! The account of one request while it lasts.

use std::sync::{Arc, OnceLock};
use std::task::Waker;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use crate::book::Book;
use crate::ended::{Ended, RequestOutcome};
use crate::endpoint::Endpoint;
use crate::phase::Phases;
use crate::poll_site::PollSite;
use crate::sequence::Sequence;
use crate::server_timing;
use crate::spent::Spent;
use crate::thresholds::Thresholds;
use crate::time::Nanos;
use crate::timeline::Timeline;
use crate::waits::{WaitId, WaitLog};

/// The account of one request: every event of the request is reported to it.
///
/// A request has one main part, its future and then the body of its response. It may have more
/// parts: tasks that it spawned, and jobs on pools. All times are nanoseconds by the caller's
/// clock.
///
/// The account is closed once. Events that are reported later change nothing.
#[derive(Debug)]
pub struct Meter {
    began: Nanos,
    endpoint: OnceLock<Arc<Endpoint>>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    timeline: Timeline,
    waits: WaitLog,
    main: WakeState,
    /// When the head of the response was ready, since the request began.
    head: Option<Nanos>,
    panicked: bool,
    closed: bool,
    /// How long a plain `fn` has run in the running poll.
    function: Nanos,
}

/// How a request ended, for [`Meter::close`].
#[derive(Clone, Copy, Debug)]
pub struct RequestEnd {
    /// The present time in nanoseconds, by the caller's clock.
    pub now: Nanos,
    /// How it ended. A panic that was reported before goes first.
    pub outcome: RequestOutcome,
    /// The status of the response; `None` if there was none.
    pub status: Option<u16>,
    /// Reads the time since 1970. Called only if the request is kept, because reading it costs
    /// time.
    pub unix_time: fn() -> Duration,
}

/// A request whose account was closed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ClosedRequest {
    /// How it ended.
    pub outcome: RequestOutcome,
    /// The status of the response; `None` if there was none.
    pub status: Option<u16>,
    /// From the head of the request to its end, in nanoseconds.
    pub duration: Nanos,
    /// Whether the endpoint keeps it with all details.
    pub kept: bool,
}

/// Whether one part of a request has been woken since it was last polled, and the waker of the task
/// that polls it.
#[derive(Debug, Default)]
struct WakeState {
    waker: Option<Waker>,
    queued: bool,
}

/// The result of one poll of a request's main part.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum PollOutcome<'a> {
    /// It is pending.
    Pending {
        /// The waker of the task that polls the request.
        waker: &'a Waker,
        /// Whether the future yielded voluntarily. It is then queued at once.
        yields: bool,
    },
    /// The head of the response is ready. From here on the main part is the body.
    Head,
    /// A frame of the body is ready, or its end.
    BodyFrame,
    /// It panicked.
    Panicked,
}

impl PollOutcome<'_> {
    /// Whether the connection continues after this poll: it has something to write, or a panic to
    /// report.
    fn is_ready(self) -> bool {
        matches!(self, Self::Head | Self::BodyFrame | Self::Panicked)
    }
}

/// The state of a part of a request that another task polls: whether it has been woken, and the
/// waker of that task.
#[derive(Debug)]
pub struct SidePart(Mutex<WakeState>);

impl SidePart {
    /// The state of a part that waits for its first poll.
    #[must_use]
    pub fn queued() -> Self {
        Self(Mutex::new(WakeState {
            waker: None,
            queued: true,
        }))
    }
}

impl State {
    /// Where the poll of the main part was that ends now.
    fn site(&mut self, spent: Spent) -> PollSite {
        let function = std::mem::take(&mut self.function);
        if self.head.is_some() {
            PollSite::Body
        } else if function > 0 && function * 2 >= spent.total() {
            PollSite::Function
        } else {
            PollSite::Head
        }
    }
}

impl WakeState {
    fn set_waker(&mut self, waker: &Waker) {
        match &mut self.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
    }
}

impl Meter {
    /// The account of a request that begins now, with the first poll of its future.
    #[must_use]
    pub fn new(now: Nanos) -> Self {
        let state = State {
            timeline: Timeline::polled(),
            waits: WaitLog::default(),
            main: WakeState::default(),
            head: None,
            panicked: false,
            closed: false,
            function: 0,
        };
        Self {
            began: now,
            endpoint: OnceLock::new(),
            state: Mutex::new(state),
        }
    }

    /// When the request began, in nanoseconds by the caller's clock.
    #[must_use]
    pub fn began(&self) -> Nanos {
        self.began
    }

    /// The endpoint of the request, if it is known yet.
    #[must_use]
    pub fn endpoint(&self) -> Option<&Arc<Endpoint>> {
        self.endpoint.get()
    }

    /// Sets the endpoint of the request. Only the first call counts.
    ///
    /// Calls `measure_exactly` if the endpoint [measures exactly](Endpoint::measures_exactly). The
    /// caller then reads the clocks of its thread again, and measures the running stretch from
    /// there.
    pub fn set_endpoint(&self, endpoint: &Arc<Endpoint>, measure_exactly: impl FnOnce()) {
        if self.endpoint.set(Arc::clone(endpoint)).is_ok() {
            endpoint.begin();
            if endpoint.is_left_out() {
                self.exclude();
            } else if endpoint.measures_exactly() {
                measure_exactly();
            }
        }
    }

    /// Whether the endpoint is known and [measures exactly](Endpoint::measures_exactly).
    #[must_use]
    pub fn measures_exactly(&self) -> bool {
        self.endpoint()
            .is_some_and(|endpoint| endpoint.measures_exactly())
    }

    /// A poll of the main part begins. Not to be called for the first poll, which begins with the
    /// request.
    pub fn main_poll_begins(&self, now: Nanos) {
        let now = self.since_began(now);
        let mut state = self.lock();
        let state = &mut *state;
        let was_queued = std::mem::take(&mut state.main.queued);
        if !state.closed {
            state.timeline.poll_begins(now, was_queued);
        }
    }

    /// A poll of the main part ends.
    pub fn main_poll_ends(&self, now: Nanos, spent: Spent, outcome: PollOutcome<'_>) {
        self.note_slow_poll(spent);
        let now = self.since_began(now);
        let mut state = self.lock();
        let state = &mut *state;
        if let PollOutcome::Pending { waker, yields } = outcome {
            if state.main.queued {
                // It was woken during the poll, when this waker was not known yet.
                waker.wake_by_ref();
            } else {
                state.main.set_waker(waker);
            }
            if yields && !std::mem::replace(&mut state.main.queued, true) && !state.closed {
                state.timeline.queue(now);
            }
        }
        if state.closed {
            return;
        }
        let site = state.site(spent);
        state
            .timeline
            .poll_ends(now, spent, outcome.is_ready(), site);
        if matches!(outcome, PollOutcome::Head) {
            state.head = Some(now);
            if std::mem::take(&mut state.main.queued) {
                state.timeline.unqueue(now);
            }
        }
    }

    /// The waker of the main part is called. Returns the waker of the task that polls the request,
    /// for the caller to wake. Calls `now` only if the time is needed.
    pub fn woken(&self, now: impl FnOnce() -> Nanos) -> Option<Waker> {
        let mut state = self.lock();
        if !std::mem::replace(&mut state.main.queued, true) && !state.closed {
            let now = self.since_began(now());
            state.timeline.queue(now);
        }
        state.main.waker.take()
    }

    /// A poll of another part begins. `waker` is the waker of the task that polls it.
    ///
    /// Lock order: the part's state before the request's.
    pub fn side_poll_begins(&self, part: &SidePart, now: Nanos, waker: &Waker) {
        let mut part = part.0.lock();
        part.set_waker(waker);
        let was_queued = std::mem::take(&mut part.queued);
        self.record(now, |timeline, now| timeline.poll_begins(now, was_queued));
    }

    /// The waker of another part is called. Returns the waker of the task that polls the part, for
    /// the caller to wake.
    pub fn side_woken(&self, part: &SidePart, now: impl FnOnce() -> Nanos) -> Option<Waker> {
        let mut part = part.0.lock();
        if !std::mem::replace(&mut part.queued, true) {
            self.record(now(), Timeline::queue);
        }
        part.waker.take()
    }

    /// Another part is dropped, finished or not.
    pub fn side_ended(&self, part: &SidePart, now: Nanos) {
        let mut part = part.0.lock();
        if std::mem::take(&mut part.queued) {
            self.record(now, Timeline::unqueue);
        }
    }

    /// An interrupted poll resumes. See [`poll_ends`](Self::poll_ends).
    pub fn poll_resumes(&self, now: Nanos) {
        self.record(now, |timeline, now| timeline.poll_begins(now, false));
    }

    /// A poll of another part ends, or a poll of any part is interrupted. `was_ready` says whether
    /// the connection has something to write now.
    pub fn poll_ends(&self, now: Nanos, spent: Spent, was_ready: bool) {
        self.note_slow_poll(spent);
        self.record(now, |timeline, now| {
            timeline.poll_ends(now, spent, was_ready, PollSite::Head);
        });
    }

    fn note_slow_poll(&self, spent: Spent) {
        if spent.is_slow()
            && let Some(endpoint) = self.endpoint()
        {
            endpoint.saw_slow_poll(spent);
        }
    }

    /// The handler asked for more of the request's body, and none had arrived. Until the next poll
    /// the request waits for its client.
    pub fn body_is_late(&self, now: Nanos) {
        self.record(now, |timeline, _| timeline.body_is_late());
    }

    /// The handler asked for the body of the request. `in_pieces` says that it does not read it
    /// whole.
    pub fn reads_body(&self, now: Nanos, in_pieces: bool) {
        self.record(now, |timeline, _| timeline.reads_body(in_pieces));
    }

    /// A plain `fn` has run for this long in the poll that runs on this thread.
    pub fn function_ran(&self, nanos: Nanos) {
        self.lock().function += nanos;
    }

    /// A new part, or a new job, waits to run.
    pub fn queue(&self, now: Nanos) {
        self.record(now, Timeline::queue);
    }

    /// A queued job is dropped before it ran.
    pub fn unqueue(&self, now: Nanos) {
        self.record(now, Timeline::unqueue);
    }

    /// A queued job starts on a pool thread.
    pub fn job_begins(&self, now: Nanos) {
        self.record(now, Timeline::job_begins);
    }

    /// A job on a pool thread ends. `is_function` says that it was the function of a sync endpoint.
    pub fn job_ends(&self, now: Nanos, spent: Spent, is_function: bool) {
        self.record(now, |timeline, now| {
            timeline.job_ends(now, spent, is_function);
        });
    }

    /// The handler or the body panicked. The outcome of the request will be
    /// [`RequestOutcome::Panicked`].
    pub fn panicked(&self) {
        self.lock().panicked = true;
    }

    /// A labelled wait that was created at `created` is polled for the first time. `depth` is the
    /// number of labelled waits around it. `None` if the account is closed.
    pub fn wait_begins(
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

    /// A labelled wait ends, or is dropped if `finished` is `false`.
    pub fn wait_ends(&self, id: WaitId, now: Nanos, finished: bool) {
        let now = self.since_began(now);
        let mut state = self.lock();
        if !state.closed {
            state.waits.end(id, now, finished);
        }
    }

    /// The phases up to the last event, and the labelled waits.
    #[must_use]
    pub fn so_far(&self) -> (Phases, WaitLog) {
        let state = self.lock();
        (*state.timeline.phases(), state.waits.clone())
    }

    /// The value of a `Server-Timing` header for what has happened so far, with durations in
    /// milliseconds: `waiting;dur=12.346, computing;dur=0.300, db;dur=12.000`. Printable ASCII;
    /// may be empty.
    #[must_use]
    pub fn server_timing(&self) -> String {
        let state = self.lock();
        server_timing::value(state.timeline.phases(), &state.waits)
    }

    /// Closes the account without counting the request.
    pub fn exclude(&self) {
        if !std::mem::replace(&mut self.lock().closed, true)
            && let Some(endpoint) = self.endpoint()
        {
            endpoint.exclude();
        }
    }

    /// The request is over. Closes the account and adds it to its endpoint, or to the book's
    /// endpoint for requests without a route. Returns `None` if the account was closed before.
    pub fn close(
        &self,
        end: RequestEnd,
        book: &Book,
        thresholds: &Thresholds,
    ) -> Option<ClosedRequest> {
        let duration = self.since_began(end.now);
        let mut state = self.lock();
        if std::mem::replace(&mut state.closed, true) {
            return None;
        }
        state.timeline.finish(duration);
        state.waits.finish(duration);
        debug_assert_eq!(
            state.timeline.phases().total().as_nanos(),
            u128::from(duration),
            "phases sum to the duration"
        );
        let ended = Ended {
            now: end.now,
            duration,
            head: state.head,
            outcome: if state.panicked {
                RequestOutcome::Panicked
            } else {
                end.outcome
            },
            status: end.status,
            unix_time: end.unix_time,
            timeline: &state.timeline,
            waits: &state.waits,
            sequence: Sequence::longest_in(&state.waits),
        };
        let endpoint = self.endpoint.get_or_init(|| book.begin_without_route());
        let kept = endpoint.end(&ended, thresholds);
        Some(ClosedRequest {
            outcome: ended.outcome,
            status: end.status,
            duration,
            kept,
        })
    }

    fn record(&self, now: Nanos, event: impl FnOnce(&mut Timeline, Nanos)) {
        let now = self.since_began(now);
        let mut state = self.lock();
        if !state.closed {
            event(&mut state.timeline, now);
        }
    }

    fn since_began(&self, now: Nanos) -> Nanos {
        now.saturating_sub(self.began)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phase::Phase;

    #[test]
    fn way_of_a_panic_to_its_answer_is_no_suspension() {
        let meter = Meter::new(0);
        meter.main_poll_ends(10_000, Spent::all_computing(10_000), PollOutcome::Panicked);
        meter.poll_resumes(40_000);
        meter.poll_ends(50_000, Spent::all_computing(10_000), true);
        meter.record(50_000, Timeline::finish);
        let state = meter.lock();
        assert!(!state.timeline.observed().suspended);
        assert_eq!(state.timeline.phases().nanos(Phase::Computing), 50_000);
    }
}
