use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::{TaskId, TaskState, TaskStats};
use crate::Overloaded;
use crate::serve::{ShutdownReport, Work};

/// Every task that is queued or running, and the last that ended: their names and states, by id.
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
    /// How many ended tasks are remembered.
    pub(crate) history: usize,
    pub(crate) retry_after: Duration,
}

#[derive(Debug)]
struct Book {
    next: TaskId,
    entries: HashMap<TaskId, Entry>,
    /// Ended tasks in the order they ended, the oldest first.
    ended: VecDeque<TaskId>,
    stats: TaskStats,
    /// Once set, what ends is written to the report.
    report: Option<ShutdownReport>,
    closed: bool,
}

#[derive(Debug)]
struct Entry {
    name: Cow<'static, str>,
    state: TaskState,
    sync: bool,
}

impl Registry {
    pub(crate) fn new(limits: Limits) -> Self {
        let book = Book {
            next: TaskId::FIRST,
            entries: HashMap::new(),
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
        let state = TaskState::Queued;
        book.entries.insert(id, Entry { name, state, sync });
        Ok(id)
    }

    pub(crate) fn start(&self, id: TaskId) {
        let mut book = self.lock();
        if let Some(entry) = book.entries.get_mut(&id) {
            entry.state = TaskState::Running;
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
        self.lock()
            .entries
            .get(&id)
            .map(|entry| entry.state.clone())
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

    /// From now on, what ends is written to the shutdown report.
    pub(crate) fn start_report(&self) {
        self.lock().report.get_or_insert_default();
    }

    /// Writes to the report, if shutdown has begun.
    pub(crate) fn report(&self, write: impl FnOnce(&mut ShutdownReport)) {
        if let Some(report) = &mut self.lock().report {
            write(report);
        }
    }

    /// Closes the registry and gives the report: tasks that have not ended are in it as cancelled if
    /// they can be stopped, and as lost if they never started or hold a thread.
    pub(crate) fn finish_report(&self) -> ShutdownReport {
        let mut book = self.lock();
        book.closed = true;
        let mut report = book.report.take().unwrap_or_default();
        let book = &mut *book;
        let left = book.entries.iter_mut();
        let mut left: Vec<_> = left.filter(|(_, entry)| !entry.state.is_final()).collect();
        left.sort_by_key(|(id, _)| **id);
        for (id, entry) in left {
            let work = Work::task(*id, entry.name.clone());
            if entry.state == TaskState::Running && !entry.sync {
                report.cancelled.push(work);
                book.stats.count(&entry.state, &TaskState::Cancelled);
                entry.state = TaskState::Cancelled;
            } else {
                report.lost.push(work);
            }
        }
        report
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn end(&mut self, id: TaskId, state: TaskState, history: usize) {
        let entry = self.entries.get_mut(&id);
        let Some(entry) = entry.filter(|entry| !entry.state.is_final()) else {
            return;
        };
        let was = std::mem::replace(&mut entry.state, state);
        if let Some(report) = &mut self.report
            && entry.state != TaskState::Skipped
        {
            report.drained.push(Work::task(id, entry.name.clone()));
        }
        self.stats.count(&was, &entry.state);
        self.ended.push_back(id);
        if self.ended.len() > history
            && let Some(oldest) = self.ended.pop_front()
        {
            self.entries.remove(&oldest);
        }
    }
}
