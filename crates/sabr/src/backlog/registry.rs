use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;

use super::{TaskState, TaskStats};
use crate::poll_subject::PollSubject;
use crate::pool::Overloaded;
use crate::report::{ShutdownReport, Work};
use crate::task_id::TaskId;

/// All tasks that are queued or running, and the last ones that ended, by id.
#[derive(Debug)]
pub(crate) struct Registry {
    limits: Limits,
    book: Mutex<Book>,
    became_idle: Notify,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The most tasks queued and running together.
    pub(crate) backlog: usize,
    /// The number of ended tasks that are remembered.
    pub(crate) history: usize,
    pub(crate) retry_after: Duration,
}

#[derive(Debug)]
struct Book {
    next: TaskId,
    /// Queued and running.
    live: HashMap<TaskId, Live>,
    /// The last tasks that ended, the oldest first.
    ended: VecDeque<(TaskId, TaskState)>,
    stats: TaskStats,
    /// Set during shutdown. Tasks that end then are written to it.
    report: Option<ShutdownReport>,
    closed: bool,
}

#[derive(Debug)]
struct Live {
    name: Cow<'static, str>,
    running: bool,
    sync: bool,
}

impl Registry {
    pub(crate) fn new(limits: Limits) -> Self {
        let book = Book {
            next: TaskId::FIRST,
            live: HashMap::default(),
            ended: VecDeque::new(),
            stats: TaskStats::default(),
            report: None,
            closed: false,
        };
        Self {
            limits,
            book: Mutex::new(book),
            became_idle: Notify::new(),
        }
    }

    pub(crate) fn add(&self, name: Cow<'static, str>, sync: bool) -> Result<TaskId, Overloaded> {
        let mut book = self.lock();
        if book.closed {
            return Err(Overloaded::closed(self.limits.retry_after));
        }
        if book.stats.live() >= self.limits.backlog {
            book.stats.rejected += 1;
            return Err(Overloaded::backlog(
                self.limits.backlog,
                self.limits.retry_after,
            ));
        }
        let id = book.next;
        book.next = id.next();
        book.stats.queued += 1;
        let running = false;
        book.live.insert(
            id,
            Live {
                name,
                running,
                sync,
            },
        );
        Ok(id)
    }

    pub(crate) fn start(&self, id: TaskId) {
        let mut book = self.lock();
        if let Some(task) = book.live.get_mut(&id) {
            task.running = true;
            book.stats.queued -= 1;
            book.stats.running += 1;
        }
    }

    /// `state` is final.
    pub(crate) fn end(&self, id: TaskId, state: TaskState) {
        let mut book = self.lock();
        book.end(id, state, self.limits.history);
        let idle = book.stats.live() == 0;
        drop(book);
        if idle {
            self.became_idle.notify_waiters();
        }
    }

    pub(crate) fn state(&self, id: TaskId) -> Option<TaskState> {
        let book = self.lock();
        if let Some(task) = book.live.get(&id) {
            return Some(task.state());
        }
        let mut ended = book.ended.iter().rev();
        ended
            .find(|(ended, _)| *ended == id)
            .map(|(_, state)| state.clone())
    }

    /// The name of a task that is polled; empty if it has ended.
    pub(crate) fn name(&self, polled: PollSubject) -> String {
        let book = self.lock();
        let mut live = book.live.iter();
        let task = live.find(|(id, _)| PollSubject::task(u64::from(**id)) == polled);
        task.map_or_else(String::new, |(_, task)| task.name.to_string())
    }

    pub(crate) fn stats(&self) -> TaskStats {
        self.lock().stats.clone()
    }

    /// Waits until no task is queued or running.
    pub(crate) async fn idle(&self) {
        loop {
            let idle = self.became_idle.notified();
            if self.stats().live() == 0 {
                return;
            }
            idle.await;
        }
    }

    /// From now on, every task that ends is written to the shutdown report.
    pub(crate) fn start_report(&self) {
        self.lock().report.get_or_insert_default();
    }

    /// Writes to the report, if shutdown has begun.
    pub(crate) fn report(&self, write: impl FnOnce(&mut ShutdownReport)) {
        if let Some(report) = &mut self.lock().report {
            write(report);
        }
    }

    /// Closes the registry and returns the report. Tasks that have not ended count as cancelled if
    /// they can be stopped. They count as lost if they never started or hold a thread.
    pub(crate) fn finish_report(&self) -> ShutdownReport {
        let mut book = self.lock();
        book.closed = true;
        let mut report = book.report.take().unwrap_or_default();
        let mut left: Vec<_> = book.live.keys().copied().collect();
        left.sort();
        for id in left {
            let Some(task) = book.live.get(&id) else {
                continue;
            };
            let work = Work::task(id, task.name.clone());
            if task.running && !task.sync {
                report.cancelled.push(work);
                book.end(id, TaskState::Cancelled, self.limits.history);
            } else {
                report.lost.push(work);
            }
        }
        report
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock()
    }
}

impl Book {
    fn end(&mut self, id: TaskId, state: TaskState, history: usize) {
        let Some(task) = self.live.remove(&id) else {
            return;
        };
        self.stats.count(&task.state(), &state);
        if let Some(report) = &mut self.report
            && state != TaskState::Skipped
        {
            report.drained.push(Work::task(id, task.name));
        }
        if self.ended.len() >= history {
            self.ended.pop_front();
        }
        if history > 0 {
            self.ended.push_back((id, state));
        }
    }
}

impl Live {
    fn state(&self) -> TaskState {
        if self.running {
            TaskState::Running
        } else {
            TaskState::Queued
        }
    }
}
