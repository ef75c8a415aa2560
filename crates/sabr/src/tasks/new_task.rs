use std::borrow::Cow;
use std::fmt;
use std::future::Future;

use tracing::Span;

use super::{BackgroundTasks, runner};
use crate::backlog::{RunOn, Task, TaskOutput, Work, name_of};
use crate::pool::Overloaded;
use crate::task_id::TaskId;

/// A task that has not been added yet. [`add`](Self::add), [`add_sync`](Self::add_sync) or
/// [`clean_up`](Self::clean_up) adds it.
#[must_use = "a task is added by `add` or `add_sync`"]
pub struct NewTask<'a> {
    tasks: &'a BackgroundTasks,
    name: Option<Cow<'static, str>>,
    run_on: RunOn,
}

impl<'a> NewTask<'a> {
    pub(super) fn new(tasks: &'a BackgroundTasks) -> Self {
        Self {
            tasks,
            name: None,
            run_on: RunOn::Success,
        }
    }

    /// Names the task, for logs, spans and the shutdown report.
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Runs only if the response succeeds: a status below 400. The default.
    pub fn on_success(mut self) -> Self {
        self.run_on = RunOn::Success;
        self
    }

    /// Runs only if the response fails: a status of 400 or above, or none at all.
    pub fn on_error(mut self) -> Self {
        self.run_on = RunOn::Error;
        self
    }

    /// Always runs, whatever the outcome of the response.
    pub fn always(mut self) -> Self {
        self.run_on = RunOn::Always;
        self
    }

    /// Adds a task that runs on the event loop.
    ///
    /// # Errors
    ///
    /// [`Overloaded`] when the backlog is full.
    #[expect(
        clippy::should_implement_trait,
        reason = "a task is added to a list, not to a number"
    )]
    pub fn add<F>(self, future: F) -> Result<TaskId, Overloaded>
    where
        F: Future<Output: TaskOutput> + Send + 'static,
    {
        self.add_work(name_of::<F>(), Work::from_future(future))
    }

    /// Adds a closure that runs on a thread of the tasks pool.
    ///
    /// # Errors
    ///
    /// [`Overloaded`] when the backlog is full.
    pub fn add_sync<F, O>(self, f: F) -> Result<TaskId, Overloaded>
    where
        F: FnOnce() -> O + Send + 'static,
        O: TaskOutput,
    {
        self.add_work(name_of::<F>(), Work::from_fn(f))
    }

    /// Adds a closure that releases something: a connection, a lock, a temporary file.
    ///
    /// It always runs when the response has ended, on a pool of its own. Clean-ups run before all
    /// tasks, so that nothing is held while tasks run, and the last added runs first.
    ///
    /// # Errors
    ///
    /// [`Overloaded`] when the backlog is full. So add the clean-up before you acquire what it
    /// releases.
    pub fn clean_up<F, O>(self, f: F) -> Result<TaskId, Overloaded>
    where
        F: FnOnce() -> O + Send + 'static,
        O: TaskOutput,
    {
        self.add_work(name_of::<F>(), Work::clean_up(f))
    }

    fn add_work(self, written_in: &'static str, work: Work) -> Result<TaskId, Overloaded> {
        let name = self.name.unwrap_or(Cow::Borrowed(written_in));
        let registry = &self.tasks.scope.shared().registry;
        let id = registry.add(name.clone(), work.is_sync())?;
        let task = Task {
            id,
            name,
            run_on: self.run_on,
            span: Span::current(),
            work,
        };
        runner::add(&self.tasks.scope, task);
        Ok(id)
    }
}

impl fmt::Debug for NewTask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewTask")
            .field("name", &self.name)
            .field("run_on", &self.run_on)
            .finish_non_exhaustive()
    }
}
