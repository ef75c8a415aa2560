use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

use tracing::Span;

use super::{RunOn, TaskOutput};
use crate::task_id::TaskId;

/// One task as it waits in the list of its request.
pub(crate) struct Task {
    pub(crate) id: TaskId,
    pub(crate) name: Cow<'static, str>,
    pub(crate) run_on: RunOn,
    /// The span that was current when the task was added: the request's.
    pub(crate) span: Span,
    pub(crate) work: Work,
}

/// The work of a task. `Err` is the message of its failure.
pub(crate) enum Work {
    Async(Pin<Box<dyn Future<Output = Result<(), String>> + Send>>),
    Sync(OnThread),
    CleanUp(OnThread),
}

pub(crate) type OnThread = Box<dyn FnOnce() -> Result<(), String> + Send>;

impl Work {
    pub(crate) fn from_future<F>(future: F) -> Self
    where
        F: Future<Output: TaskOutput> + Send + 'static,
    {
        Self::Async(Box::pin(async { future.await.into_result() }))
    }

    pub(crate) fn from_fn<O: TaskOutput>(f: impl FnOnce() -> O + Send + 'static) -> Self {
        Self::Sync(Box::new(|| f().into_result()))
    }

    pub(crate) fn clean_up<O: TaskOutput>(f: impl FnOnce() -> O + Send + 'static) -> Self {
        Self::CleanUp(Box::new(|| f().into_result()))
    }

    /// Whether it holds a thread, which cannot be stopped.
    pub(crate) fn is_sync(&self) -> bool {
        matches!(self, Self::Sync(_) | Self::CleanUp(_))
    }

    pub(crate) fn is_clean_up(&self) -> bool {
        matches!(self, Self::CleanUp(_))
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("run_on", &self.run_on)
            .field("sync", &self.work.is_sync())
            .finish_non_exhaustive()
    }
}

/// The path of the function that a closure or future was written in. It names a task that was
/// given no name.
pub(crate) fn name_of<T>() -> &'static str {
    let mut name = std::any::type_name::<T>();
    while let Some(outer) = name.strip_suffix("::{{closure}}") {
        name = outer;
    }
    name
}
