use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use sabr_ledger::{Nanos, WaitId};

use super::current;
use super::scope::Scope;

/// Labels an await, so that the ledger tells what a request waited for.
///
/// For each label the ledger keeps how long at least one wait went on (the union) and how long all
/// of them took together (the sum). For each wait it keeps when it was created, first polled and
/// ended. So it finds waits that ran one after the other and could have run concurrently: each was
/// created before the first one ended. A label is a `&'static str`, so that the number of labels is
/// bounded. Waits may nest.
///
/// Outside of a request it just awaits.
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
        // `None` outside of a request.
        created: current::current_now(),
        logged: None,
        ended: false,
    }
}

pin_project! {
    /// A labelled await. From [`wait`].
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
        let polled = current::deeper(*depth + 1, || future.poll(cx));
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
    let scope = current::current()?;
    let (depth, now) = (current::depth(), scope.now());
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
