//! How much CPU time the scheduler of the kernel gave a thread.

/// Sums since the thread began, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// On the CPU. While the thread runs, this may lag by a tick of the kernel.
    pub(crate) cpu_ns: u64,
    /// Ready to run and waiting for a CPU, up to the last time that it got one.
    pub(crate) queued_ns: u64,
    /// It runs or is ready to run now. Then it has not been blocked since it last got a CPU.
    pub(crate) is_runnable: bool,
}

impl Schedule {
    /// Reads `/proc/self/task/TID/schedstat` (Linux; `Documentation/scheduler/sched-stats.rst`) and
    /// the state in `/proc/self/task/TID/stat` (proc(5)).
    #[cfg(target_os = "linux")]
    pub(crate) fn of(tid: i32) -> Option<Self> {
        let read = |file| std::fs::read_to_string(format!("/proc/self/task/{tid}/{file}")).ok();
        Self::parse(&read("schedstat")?, &read("stat")?)
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn of(_tid: i32) -> Option<Self> {
        None
    }

    #[cfg(any(target_os = "linux", test))]
    fn parse(schedstat: &str, stat: &str) -> Option<Self> {
        let mut numbers = schedstat.split_ascii_whitespace().map(str::parse);
        // The name of the thread stands before the state, and may contain anything.
        let (_, state) = stat.rsplit_once(") ")?;
        Some(Self {
            cpu_ns: numbers.next()?.ok()?,
            queued_ns: numbers.next()?.ok()?,
            is_runnable: state.starts_with('R'),
        })
    }

    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            cpu_ns: self.cpu_ns.saturating_sub(before.cpu_ns),
            queued_ns: self.queued_ns.saturating_sub(before.queued_ns),
            is_runnable: self.is_runnable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;

    #[test]
    fn schedstat_is_read() {
        let read = |is_runnable| Schedule {
            cpu_ns: 12,
            queued_ns: 7,
            is_runnable,
        };
        let sleeps = "17 (a) R (b)) S 1 17";
        assert_eq!(Schedule::parse("12 7 3\n", sleeps), Some(read(false)));
        assert_eq!(Schedule::parse("12 7 3\n", "17 (a) R 1"), Some(read(true)));
        assert_eq!(Schedule::parse("", sleeps), None);
        assert_eq!(Schedule::parse("x 1 2", sleeps), None);
        assert_eq!(Schedule::parse("12 7 3\n", ""), None);
    }
}
