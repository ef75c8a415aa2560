use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::task_id::TaskId;

/// The outcome of the work that was in progress when shutdown began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Requests and tasks that ended in time, successfully or not.
    pub drained: WorkList,
    /// Requests and async tasks that were stopped at an await.
    pub cancelled: WorkList,
    /// Tasks that never started, and work on threads. Threads cannot be stopped, so such work ends
    /// with the process.
    pub lost: WorkList,
    /// The time from the signal to the end of shutdown.
    pub took: Duration,
    /// Whether a second signal ended shutdown before the grace period was over.
    pub forced: bool,
}

impl ShutdownReport {
    /// Whether everything ended by itself.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.cancelled.total == 0 && self.lost.total == 0
    }

    /// Logs one line for the report, and one line for each request or task that did not end by
    /// itself.
    pub(crate) fn log(&self) {
        if self.is_clean() {
            tracing::info!("{self}");
            return;
        }
        tracing::warn!("{self}");
        for work in &self.cancelled.named {
            tracing::warn!(%work, "cancelled by shutdown");
        }
        for work in &self.lost.named {
            tracing::warn!(%work, "lost by shutdown");
        }
    }
}

/// One line: `shutdown after 1.5s: 12 drained, 0 cancelled, 1 lost (task 7 "mail")`.
impl fmt::Display for ShutdownReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            drained,
            cancelled,
            lost,
            took,
            forced,
        } = self;
        let how = if *forced {
            "forced shutdown"
        } else {
            "shutdown"
        };
        write!(f, "{how} after {took:.1?}: {} drained, ", drained.total)?;
        write!(
            f,
            "{} cancelled{cancelled}, {} lost{lost}",
            cancelled.total, lost.total
        )
    }
}

/// A list of requests and tasks. All are counted, and the first 1,000 are named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkList {
    /// The number of requests and tasks.
    pub total: usize,
    /// The first [`WorkList::NAMED_MAX`] of them.
    pub named: Vec<Work>,
}

impl WorkList {
    /// The most requests and tasks that are named.
    pub const NAMED_MAX: usize = 1000;

    /// The names alone, in the same order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.named.iter().map(Work::name)
    }

    pub(crate) fn push(&mut self, work: Work) {
        self.total += 1;
        if self.named.len() < Self::NAMED_MAX {
            self.named.push(work);
        }
    }
}

/// The first five, in brackets. Nothing for an empty list.
impl fmt::Display for WorkList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN_MAX: usize = 5;
        for (i, work) in self.named.iter().take(SHOWN_MAX).enumerate() {
            f.write_str(if i == 0 { " (" } else { ", " })?;
            work.fmt(f)?;
        }
        match self.total {
            0 => Ok(()),
            total if total > SHOWN_MAX => write!(f, ", and {} more)", total - SHOWN_MAX),
            _ => f.write_str(")"),
        }
    }
}

/// A request, or a background task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    task: Option<TaskId>,
    name: Cow<'static, str>,
}

impl Work {
    pub(crate) fn request(name: String) -> Self {
        let name = Cow::Owned(name);
        Self { task: None, name }
    }

    pub(crate) fn task(id: TaskId, name: Cow<'static, str>) -> Self {
        let task = Some(id);
        Self { task, name }
    }

    /// The id of the task, or `None` for a request.
    #[must_use]
    pub fn task_id(&self) -> Option<TaskId> {
        self.task
    }

    /// The name of the task, or the method and the path of the request.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// `task 7 "mail"`, or `request "GET /export"`.
impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.task {
            Some(id) => write!(f, "task {id} {:?}", self.name),
            None => write!(f, "request {:?}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn report_names_the_first_few() {
        let mut report = ShutdownReport::default();
        assert!(report.is_clean());
        assert_eq!(
            report.to_string(),
            "shutdown after 0.0ns: 0 drained, 0 cancelled, 0 lost"
        );
        for i in 0..7 {
            report.lost.push(Work::request(format!("GET /{i}")));
        }
        assert!(!report.is_clean());
        let shown = report.to_string();
        assert!(
            shown.ends_with(r#", request "GET /4", and 2 more)"#),
            "{shown}"
        );
    }
}
