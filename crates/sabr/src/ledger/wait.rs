use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use sabr_ledger::{Nanos, WaitId};

use crate::context;
use crate::layer::Scope;

/// Labels an await, so that the ledger says what a request waited for.
///
/// The ledger keeps for each label how long at least one such wait went on (the union) and how long all of
/// them took (the sum), and of each wait when it was created, first polled and ended: waits that ran one after
/// the other although each was created before the first had ended could have run together. A label is
/// a fixed string, so that their number is bounded. Waits may be inside of others.
///
/// Outside of a request it does nothing but await.
///
/// ```
/// use sabr::wait;
///
/// async fn user() -> &'static str {
///     # let query = async { "Ada" };
///     wait("db", query).await
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(user));
/// ```
pub fn wait<F: IntoFuture>(label: &'static str, future: F) -> Wait<F::IntoFuture> {
    Wait {
        future: future.into_future(),
        label,
        // Outside of a request it is not asked for.
        created: context::current_now(),
        logged: None,
        ended: false,
    }
}

pin_project! {
    /// A labelled await; from [`wait`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct Wait<F> {
        #[pin]
        future: F,
        label: &'static str,
        created: Option<Nanos>,
        logged: Option<(Arc<Scope>, WaitId, u16)>,
        ended: bool,
    }

    impl<F> PinnedDrop for Wait<F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some((scope, id, _)) = this.logged.take() {
                scope.meter().wait_ends(id, scope.now(), false);
            }
        }
    }
}

impl<F: Future> Future for Wait<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if this.logged.is_none() && !*this.ended {
            *this.logged = begin(this.label, *this.created);
            // A wait that could not be logged is not tried again.
            *this.ended = this.logged.is_none();
        }
        let Some((_, _, depth)) = this.logged else {
            return this.future.poll(cx);
        };
        let future = this.future;
        let polled = context::deeper(*depth + 1, || future.poll(cx));
        if polled.is_ready()
            && let Some((scope, id, _)) = this.logged.take()
        {
            *this.ended = true;
            scope.meter().wait_ends(id, scope.now(), true);
        }
        polled
    }
}

fn begin(label: &'static str, created: Option<Nanos>) -> Option<(Arc<Scope>, WaitId, u16)> {
    let scope = context::current()?;
    let (depth, now) = (context::depth(), scope.now());
    let id = scope
        .meter()
        .wait_begins(label, created.unwrap_or(now), depth, now)?;
    Some((scope, id, depth))
}

impl<F> fmt::Debug for Wait<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}
