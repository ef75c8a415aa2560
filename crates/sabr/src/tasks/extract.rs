use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use super::{NewTask, TaskId, TaskOutput, TaskState};
use crate::Overloaded;
use crate::layer::Scope;

/// Work to be done after the response: an extractor for handlers, and for extractors of your own.
///
/// All extractors and the handler of one request share one list. Its tasks start when the last byte of
/// the response has been handed to the connection, or its body was dropped, and run one after the other
/// in the order they were added. See the [module](crate::tasks) for what that means in each case.
#[derive(Clone)]
pub struct BackgroundTasks {
    pub(super) scope: Arc<Scope>,
}

impl BackgroundTasks {
    /// Adds a task that runs on the event loop once the response has succeeded (status below 400).
    ///
    /// A task added after the end of the response starts at once, or after those before it.
    ///
    /// # Errors
    ///
    /// [`Overloaded`] when the backlog is full: the task will not run, and the handler may answer so.
    pub fn add<F>(&self, future: F) -> Result<TaskId, Overloaded>
    where
        F: Future<Output: TaskOutput> + Send + 'static,
    {
        NewTask::new(self).add(future)
    }

    /// Adds a closure that runs on a thread of the tasks pool once the response has succeeded.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    pub fn add_sync<F, O>(&self, f: F) -> Result<TaskId, Overloaded>
    where
        F: FnOnce() -> O + Send + 'static,
        O: TaskOutput,
    {
        NewTask::new(self).add_sync(f)
    }

    /// Adds a closure that gives something back at the end of the response, before all tasks.
    ///
    /// # Errors
    ///
    /// As [`NewTask::clean_up`], which says more.
    pub fn clean_up<F, O>(&self, f: F) -> Result<TaskId, Overloaded>
    where
        F: FnOnce() -> O + Send + 'static,
        O: TaskOutput,
    {
        NewTask::new(self).clean_up(f)
    }

    /// Begins a task with a name, for logs, spans and the shutdown report.
    ///
    /// Without a name a task has the path of the function it was written in.
    pub fn named(&self, name: impl Into<Cow<'static, str>>) -> NewTask<'_> {
        NewTask::new(self).named(name)
    }

    /// Begins a task that runs only if the response fails: a status of 400 or above, or none at all.
    pub fn on_error(&self) -> NewTask<'_> {
        NewTask::new(self).on_error()
    }

    /// Begins a task that runs whatever becomes of the response.
    pub fn always(&self) -> NewTask<'_> {
        NewTask::new(self).always()
    }

    /// Lets the tasks of this request run side by side instead of one after the other.
    pub fn concurrent(&self) -> &Self {
        self.scope.run_tasks_concurrently();
        self
    }

    /// The state of any task of this service, of this request or of another.
    ///
    /// `None` for an id that was never given out, and for a task that ended so long ago that it is
    /// forgotten ([`Builder::task_history`](crate::Builder::task_history)).
    #[must_use]
    pub fn state(&self, id: TaskId) -> Option<TaskState> {
        self.scope.shared().registry.state(id)
    }
}

impl fmt::Debug for BackgroundTasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackgroundTasks").finish_non_exhaustive()
    }
}

impl<S: Sync> FromRequestParts<S> for BackgroundTasks {
    type Rejection = MissingLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, MissingLayer> {
        let scope = parts.extensions.get::<Arc<Scope>>().ok_or(MissingLayer)?;
        Ok(Self {
            scope: Arc::clone(scope),
        })
    }
}

/// The request did not come through [`Sabr::serve`](crate::Sabr::serve) or
/// [`Sabr::layer`](crate::Sabr::layer). The client is answered 500; the log says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingLayer;

impl fmt::Display for MissingLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no Sabr around this route: serve it with `sabr.serve(..)` or add `.layer(sabr.layer())`")
    }
}

impl std::error::Error for MissingLayer {}

impl IntoResponse for MissingLayer {
    fn into_response(self) -> Response {
        tracing::error!("{self}");
        crate::problem::response(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The service is not set up to do this.",
        )
    }
}
