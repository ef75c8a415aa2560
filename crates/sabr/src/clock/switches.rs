/// The context switches of a thread since it began: how often it gave up the CPU, and how often it
/// lost it (getrusage(2), `ru_nvcsw` and `ru_nivcsw`).
///
/// A call that blocks gives up the CPU at least once. A call that is only preempted never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Switches {
    given_up: i64,
    lost: i64,
}

impl Switches {
    #[cfg(target_os = "linux")]
    pub(crate) fn of_this_thread() -> Option<Self> {
        use nix::sys::resource::{UsageWho, getrusage};
        let usage = getrusage(UsageWho::RUSAGE_THREAD).ok()?;
        Some(Self {
            given_up: usage.voluntary_context_switches(),
            lost: usage.involuntary_context_switches(),
        })
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn of_this_thread() -> Option<Self> {
        None
    }

    /// Whether the thread lost the CPU between `self` and `later`, and never gave it up.
    pub(crate) fn only_preempted_since(self, later: Option<Self>) -> bool {
        later.is_some_and(|later| later.given_up == self.given_up && later.lost > self.lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lost_cpu_counts_as_preempted() {
        let before = Switches {
            given_up: 3,
            lost: 5,
        };
        let check = |given_up, lost, expected| {
            let later = Switches { given_up, lost };
            assert_eq!(before.only_preempted_since(Some(later)), expected);
        };
        check(3, 5, false);
        check(3, 6, true);
        check(4, 6, false);
        check(4, 5, false);
        assert!(!before.only_preempted_since(None));
    }
}
