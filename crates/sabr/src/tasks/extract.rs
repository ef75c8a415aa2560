use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::NewTask;
use crate::backlog::{TaskOutput, TaskState};
use crate::pool::Overloaded;
use crate::problem::MissingLayer;
use crate::request::Scope;
use crate::task_id::TaskId;

/// An extractor that adds work to be done after the response.
///
/// The handler and all extractors of one request share one list. Its tasks start when the last byte
/// of the response has been handed to the connection, or when the body is dropped. They run one
/// after the other, in the order in which they were added. The [module](crate::tasks) has the
/// details.
#[derive(Clone)]
pub struct BackgroundTasks {
    pub(super) scope: Arc<Scope>,
}

impl BackgroundTasks {
    /// Adds a task that runs on the event loop once the response has succeeded (status below 400).
    ///
    /// A task that is added after the end of the response starts at once, or after those before it.
    ///
    /// # Errors
    ///
    /// [`Overloaded`] when the backlog is full. The task will not run. The handler may return the
    /// error as its response.
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

    /// Adds a closure that releases something at the end of the response, before all tasks.
    ///
    /// # Errors
    ///
    /// As [`NewTask::clean_up`], which has the details.
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

    /// Begins a task that runs only if the response fails: a status of 400 or above, or none at
    /// all.
    pub fn on_error(&self) -> NewTask<'_> {
        NewTask::new(self).on_error()
    }

    /// Begins a task that always runs, whatever the outcome of the response.
    pub fn always(&self) -> NewTask<'_> {
        NewTask::new(self).always()
    }

    /// Runs the tasks of this request concurrently instead of one after the other.
    pub fn concurrent(&self) -> &Self {
        self.scope.run_tasks_concurrently();
        self
    }

    /// The state of any task of this service, of this request or of another.
    ///
    /// `None` for an unknown id, and for a task that ended too long ago to be remembered
    /// ([`Builder::task_history`](crate::Builder::task_history)).
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
