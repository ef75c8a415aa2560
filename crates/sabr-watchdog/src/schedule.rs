//! How much CPU time the scheduler of the kernel gave a thread.

/// Sums since the thread began, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// On the CPU. While the thread runs, this may lag by a tick of the kernel.
    pub(crate) cpu_ns: u64,
    /// Ready to run and waiting for a CPU.
    pub(crate) queued_ns: u64,
}

impl Schedule {
    /// Reads `/proc/self/task/TID/schedstat` (Linux; `Documentation/scheduler/sched-stats.rst`).
    #[cfg(target_os = "linux")]
    pub(crate) fn of(tid: i32) -> Option<Self> {
        let line = std::fs::read_to_string(format!("/proc/self/task/{tid}/schedstat")).ok()?;
        Self::parse(&line)
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn of(_tid: i32) -> Option<Self> {
        None
    }

    #[cfg(any(target_os = "linux", test))]
    fn parse(line: &str) -> Option<Self> {
        let mut numbers = line.split_ascii_whitespace().map(str::parse);
        Some(Self {
            cpu_ns: numbers.next()?.ok()?,
            queued_ns: numbers.next()?.ok()?,
        })
    }

    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            cpu_ns: self.cpu_ns.saturating_sub(before.cpu_ns),
            queued_ns: self.queued_ns.saturating_sub(before.queued_ns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;

    #[test]
    fn schedstat_is_read() {
        let read = Schedule {
            cpu_ns: 12,
            queued_ns: 7,
        };
        assert_eq!(Schedule::parse("12 7 3\n"), Some(read));
        assert_eq!(Schedule::parse(""), None);
        assert_eq!(Schedule::parse("x 1 2"), None);
    }
}
