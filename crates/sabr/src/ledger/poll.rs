//! Polling a part of a request as such: measured, and in the request's context.

use std::cell::Cell;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::task::{ArcWake, waker_ref};
use tokio::task::coop::has_budget_remaining;

use sabr_ledger::{Nanos, PollOutcome, Spent};
use sabr_watchdog::PollGuard;

use super::thread_clock::Stretch;
use crate::context;
use crate::layer::Scope;

thread_local! {
    /// The poll that goes on here, or what goes on of it since it was interrupted.
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
    let polled = context::enter(scope, || inner(&mut Context::from_waker(&waker)));
    main.polled = match polled {
        Poll::Ready(_) => ready,
        Poll::Pending => PollOutcome::Pending {
            waker: cx.waker(),
            yields: !has_budget_remaining(),
        },
    };
    polled
}

/// Polls another part of the request, whose waker is `waker`; the caller has told the meter that it begins.
pub(crate) fn poll_aside<R>(scope: &Arc<Scope>, now: Nanos, inner: impl FnOnce() -> R) -> R {
    let _polling = SidePoll(Polling::begin(scope, now));
    context::enter(scope, inner)
}

/// The request ends in the poll that goes on here, if one does: how it spent its time is still to be known.
pub(crate) fn end_here(scope: &Arc<Scope>, now: Nanos) {
    if context::is_current(scope)
        && let Some(poll) = POLL.get()
    {
        scope.meter().poll_ends(now, scope.spent(poll, now), true);
    }
}

/// From now on the poll that goes on here, if it is one of the request, is measured exactly.
pub(crate) fn sharpen(scope: &Arc<Scope>) {
    if context::is_current(scope) {
        POLL.set(POLL.get().map(|poll| scope.sharpened(poll)));
    }
}

/// Ends the poll of a request here and begins it anew after `f`, which runs as if on a thread of a pool.
pub(crate) fn interrupted<R>(scope: &Arc<Scope>, f: impl FnOnce() -> R) -> R {
    let Some(poll) = POLL.get() else {
        return f();
    };
    let meter = scope.meter();
    let now = scope.now();
    meter.poll_ends(now, scope.spent(poll, now), false);
    let _again = Again(scope);
    let _unwatched = sabr_watchdog::pause();
    super::job::on_this_thread(scope, now, f)
}

/// Begins the interrupted poll anew, also after a panic.
struct Again<'a>(&'a Arc<Scope>);

impl Drop for Again<'_> {
    fn drop(&mut self) {
        let now = self.0.now();
        self.0.meter().poll_resumes(now);
        POLL.set(Some(self.0.stretch(now)));
    }
}

/// A poll of the request's future or body; it ends when dropped, also by a panic.
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

/// A poll of another part; it ends when dropped, also by a panic.
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

/// The waker of a request's future and of its body is the scope itself: nothing is allocated for it.
impl ArcWake for Scope {
    fn wake_by_ref(scope: &Arc<Self>) {
        if let Some(waker) = scope.meter().woken(|| scope.now()) {
            waker.wake();
        }
    }
}
