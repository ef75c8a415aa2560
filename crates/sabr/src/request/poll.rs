//! Polls the parts of a request. Each poll is measured, and runs in the context of the request.

use std::cell::Cell;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::task::{ArcWake, waker_ref};
use tokio::task::coop::has_budget_remaining;

use sabr_ledger::{Nanos, PollOutcome, Spent};
use sabr_watchdog::PollGuard;

use super::scope::Scope;
use super::{current, pool_job};
use crate::clock::Stretch;

thread_local! {
    /// The poll running on this thread, measured from its last interruption.
    static POLL: Cell<Option<Stretch>> = const { Cell::new(None) };
}

/// Polls the request's future.
pub(crate) fn poll_head<R>(
    scope: &Arc<Scope>,
    first: bool,
    cx: &mut Context<'_>,
    inner: impl FnOnce(&mut Context<'_>) -> Poll<R>,
) -> Poll<R> {
    let meter = scope.meter();
    let now = if first { meter.began() } else { scope.now() };
    if !first {
        meter.main_poll_begins(now);
    }
    poll_from(scope, now, PollOutcome::Head, cx, inner)
}

/// Polls the body of the response.
pub(crate) fn poll_body<R>(
    scope: &Arc<Scope>,
    cx: &mut Context<'_>,
    inner: impl FnOnce(&mut Context<'_>) -> Poll<R>,
) -> Poll<R> {
    let now = scope.now();
    scope.meter().main_poll_begins(now);
    poll_from(scope, now, PollOutcome::BodyFrame, cx, inner)
}

fn poll_from<R>(
    scope: &Arc<Scope>,
    now: Nanos,
    ready: PollOutcome<'_>,
    cx: &mut Context<'_>,
    inner: impl FnOnce(&mut Context<'_>) -> Poll<R>,
) -> Poll<R> {
    let waker = waker_ref(scope);
    let mut main = MainPoll {
        polled: PollOutcome::Panicked,
        polling: Polling::begin(scope, now),
    };
    let polled = current::enter(scope, || inner(&mut Context::from_waker(&waker)));
    main.polled = match polled {
        Poll::Ready(_) => ready,
        Poll::Pending => PollOutcome::Pending {
            waker: cx.waker(),
            yields: !has_budget_remaining(),
        },
    };
    polled
}

/// Polls another part of the request. The caller has reported the beginning of the poll to the
/// meter.
pub(crate) fn poll_side<R>(scope: &Arc<Scope>, now: Nanos, inner: impl FnOnce() -> R) -> R {
    let _polling = SidePoll(Polling::begin(scope, now));
    current::enter(scope, inner)
}

/// Reports the end of the poll that runs on this thread, if it is one of the request, because the
/// request ends in it.
pub(crate) fn end_running_poll(scope: &Arc<Scope>, now: Nanos) {
    if current::is_current(scope)
        && let Some(poll) = POLL.get()
    {
        scope.meter().poll_ends(now, scope.spent(poll, now), true);
    }
}

/// Measures the rest of the poll that runs on this thread exactly, if it is one of the request.
pub(crate) fn measure_exactly(scope: &Arc<Scope>) {
    if current::is_current(scope) {
        POLL.set(POLL.get().map(|poll| scope.restarted_exactly(poll)));
    }
}

/// Runs `f` on this thread, and reports it as a job on a pool. The running poll is interrupted
/// meanwhile.
pub(crate) fn interrupted<R>(scope: &Arc<Scope>, f: impl FnOnce() -> R) -> R {
    let Some(poll) = POLL.get() else {
        return f();
    };
    let meter = scope.meter();
    let now = scope.now();
    meter.poll_ends(now, scope.spent(poll, now), false);
    let _resume = Resume(scope);
    let _unwatched = sabr_watchdog::pause();
    pool_job::run_here(scope, now, f)
}

/// Resumes the interrupted poll, also after a panic.
struct Resume<'a>(&'a Arc<Scope>);

impl Drop for Resume<'_> {
    fn drop(&mut self) {
        let now = self.0.now();
        self.0.meter().poll_resumes(now);
        POLL.set(Some(self.0.stretch(now)));
    }
}

/// A poll of the request's future or body. It ends when this is dropped, also by a panic.
struct MainPoll<'a> {
    polled: PollOutcome<'a>,
    polling: Polling<'a>,
}

impl Drop for MainPoll<'_> {
    fn drop(&mut self) {
        let (now, spent) = self.polling.end();
        let meter = self.polling.scope.meter();
        meter.main_poll_ends(now, spent, self.polled);
    }
}

/// A poll of another part. It ends when this is dropped, also by a panic.
struct SidePoll<'a>(Polling<'a>);

impl Drop for SidePoll<'_> {
    fn drop(&mut self) {
        let (now, spent) = self.0.end();
        self.0.scope.meter().poll_ends(now, spent, false);
    }
}

struct Polling<'a> {
    scope: &'a Arc<Scope>,
    outer: Option<Stretch>,
    _watched: Option<PollGuard>,
}

impl<'a> Polling<'a> {
    fn begin(scope: &'a Arc<Scope>, now: Nanos) -> Self {
        let outer = POLL.replace(Some(scope.stretch(now)));
        let _watched = scope.poll_begins(now);
        Self {
            scope,
            outer,
            _watched,
        }
    }

    fn end(&self) -> (Nanos, Spent) {
        let now = self.scope.now();
        let poll = POLL.replace(self.outer);
        let spent = poll.map(|poll| self.scope.spent(poll, now));
        (now, spent.unwrap_or_default())
    }
}

/// The waker of a request's future and body. Why the scope itself: no allocation is needed for it.
impl ArcWake for Scope {
    fn wake_by_ref(scope: &Arc<Self>) {
        if let Some(waker) = scope.meter().woken(|| scope.now()) {
            waker.wake();
        }
    }
}
