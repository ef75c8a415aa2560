//! Shares one run of a check among concurrent callers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::Error;
use crate::error::Kind;

/// A check that runs at most once at a time. Callers during a run share its result.
pub(crate) struct Single {
    state: watch::Sender<State>,
}

struct State {
    running: bool,
    /// The number of finished runs. A waiter that sees only the latest state learns from it that a
    /// run has finished since the waiter asked.
    ended: u64,
    result: Result<(), Error>,
    /// The result is reused until then.
    fresh: Option<Instant>,
}

/// Held by the run in progress, which must set the result. Dropping it without one reports a
/// failure.
pub(crate) struct Running {
    single: Arc<Single>,
    result: Result<(), Error>,
    /// How long the result is reused.
    fresh_for: Duration,
}

impl Default for Single {
    fn default() -> Self {
        let (state, _) = watch::channel(State {
            running: false,
            ended: 0,
            result: Ok(()),
            fresh: None,
        });
        Self { state }
    }
}

impl Single {
    /// Returns the result. Calls `start` if a new run is necessary; `start` may fail only after it
    /// has dropped its argument.
    pub(crate) async fn ask(
        self: &Arc<Self>,
        start: impl FnOnce(Running) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut states = self.state.subscribe();
        let mut asked_after = None;
        let is_first = self.state.send_if_modified(|state| {
            if state.fresh.is_some_and(|fresh| Instant::now() < fresh) {
                return false;
            }
            asked_after = Some(state.ended);
            !std::mem::replace(&mut state.running, true)
        });
        let Some(asked_after) = asked_after else {
            return self.state.borrow().result.clone();
        };
        if is_first {
            start(Running {
                single: Arc::clone(self),
                result: Err(Kind::Closed.into()),
                fresh_for: Duration::ZERO,
            })?;
        }
        match states.wait_for(|state| state.ended > asked_after).await {
            Ok(state) => state.result.clone(),
            Err(_) => Err(Kind::Closed.into()),
        }
    }
}

impl Running {
    /// Sets the result. A good one is reused for this long.
    pub(crate) fn end(mut self, result: Result<(), Error>, fresh_for: Duration) {
        self.result = result;
        self.fresh_for = fresh_for;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.single.state.send_modify(|state| {
            state.running = false;
            state.ended += 1;
            state.result = self.result.clone();
            state.fresh = self.result.is_ok().then(|| Instant::now() + self.fresh_for);
        });
    }
}
