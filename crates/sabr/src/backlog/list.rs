use std::collections::VecDeque;

use super::{Outcome, Task};

/// The tasks of one request, and the order in which they run.
#[derive(Debug, Default)]
pub(crate) struct TaskList {
    queue: VecDeque<Task>,
    clean_ups: Vec<Task>,
    outcome: Option<Outcome>,
    /// A runner is taking tasks out of the queue. It also takes the tasks that are added meanwhile.
    has_runner: bool,
    concurrent: bool,
}

/// What the caller must do after a change of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Next {
    /// Nothing: the response has not ended, or a runner is at work.
    Wait,
    /// Start a runner, which calls [`TaskList::take`] until there is nothing left.
    Run,
}

/// A task that is due, and what must be done with it.
#[derive(Debug)]
pub(crate) enum Due {
    CleanUp(Task),
    Run(Task),
    Skip(Task),
}

impl TaskList {
    /// After the end of the response a task starts as soon as those before it have ended.
    pub(crate) fn add(&mut self, task: Task) -> Next {
        if task.work.is_clean_up() {
            self.clean_ups.push(task);
        } else {
            self.queue.push_back(task);
        }
        self.next()
    }

    pub(crate) fn run_concurrently(&mut self) {
        self.concurrent = true;
    }

    pub(crate) fn is_concurrent(&self) -> bool {
        self.concurrent
    }

    /// The response has ended. Only the first call counts.
    pub(crate) fn end(&mut self, outcome: Outcome) -> Next {
        self.outcome.get_or_insert(outcome);
        self.next()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.outcome.is_some()
    }

    /// What is due next: clean-ups, the last added first, and then tasks, the first added first.
    /// `None` ends the runner.
    pub(crate) fn take(&mut self) -> Option<Due> {
        let due = self.outcome.and_then(|outcome| self.take_after(outcome));
        self.has_runner = due.is_some();
        due
    }

    fn take_after(&mut self, outcome: Outcome) -> Option<Due> {
        if let Some(task) = self.clean_ups.pop() {
            return Some(Due::CleanUp(task));
        }
        let task = self.queue.pop_front()?;
        Some(if task.run_on.admits(outcome) {
            Due::Run(task)
        } else {
            Due::Skip(task)
        })
    }

    fn next(&mut self) -> Next {
        let is_empty = self.queue.is_empty() && self.clean_ups.is_empty();
        if self.outcome.is_none() || is_empty || self.has_runner {
            return Next::Wait;
        }
        self.has_runner = true;
        Next::Run
    }
}

#[cfg(test)]
mod tests;
