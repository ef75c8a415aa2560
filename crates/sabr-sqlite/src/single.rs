//! Work that is done once for all who ask for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::Error;
use crate::error::Kind;

/// Something that is checked at most once at a time. Who asks meanwhile gets the same answer.
pub(crate) struct Single {
    state: watch::Sender<State>,
}

struct State {
    running: bool,
    /// How often a result was found. A waiter that sees only the latest state knows by this that one
    /// was found since it asked.
    ended: u64,
    result: Result<(), Error>,
    /// Until when the result is used again.
    fresh: Option<Instant>,
}

/// The right, and the duty, to find the result: if this is dropped, the work failed.
pub(crate) struct Running {
    single: Arc<Single>,
    result: Result<(), Error>,
    /// For how long it is used again.
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
    /// The result. Calls `start` if it is to be found anew; that may fail only after it dropped what it
    /// was given.
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
    /// Tells the result, which is used again for this long if it is good.
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
