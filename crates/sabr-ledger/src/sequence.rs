//! Waits of one request that ran one after the other, and how much time running them
//! concurrently could save.

use crate::waits::{LoggedWait, WaitLog};

/// A sequence of waits. Times are nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sequence {
    /// The sum of their lengths.
    pub(crate) in_turn: u64,
    /// The longest wait, which is the lower bound if they ran concurrently.
    pub(crate) longest: u64,
    /// The number of waits.
    pub(crate) waits: u64,
    /// The two longest with their lengths, in the order of time.
    pub(crate) pair: [(&'static str, u64); 2],
    /// Each wait was created before the first one ended, so none of them needed the result of the
    /// first.
    pub(crate) proven: bool,
}

impl Sequence {
    /// The time that running them concurrently would save at most.
    pub(crate) fn saving(&self) -> u64 {
        self.in_turn - self.longest
    }

    /// The sequence that could save most. A proven sequence goes before one that is not.
    pub(crate) fn longest_in(log: &WaitLog) -> Option<Self> {
        if log.waits().len() < 2 {
            return None;
        }
        let groups = disjoint_groups(log.waits());
        if groups.len() < 2 {
            return None;
        }
        let proven = proven_runs(&groups).max_by_key(Self::saving);
        proven.or_else(|| Self::of(&groups, false))
    }

    fn of(groups: &[Group], proven: bool) -> Option<Self> {
        let mut by_length: Vec<_> = groups.iter().enumerate().collect();
        by_length.sort_by_key(|(_, group)| std::cmp::Reverse(group.length()));
        let (&(first, one), &(second, other)) = (by_length.first()?, by_length.get(1)?);
        let pair = if first < second {
            [one, other]
        } else {
            [other, one]
        };
        Some(Self {
            in_turn: groups.iter().map(Group::length).sum(),
            longest: one.length(),
            waits: groups.len() as u64,
            pair: pair.map(|group| (group.label, group.length())),
            proven,
        })
    }
}

/// Waits that overlap each other. They count as one.
#[derive(Clone, Copy, Debug)]
struct Group {
    /// The label of the longest wait.
    label: &'static str,
    longest: u64,
    /// When the last wait was created.
    created: u64,
    from: u64,
    to: u64,
}

impl Group {
    fn of(wait: &LoggedWait) -> Self {
        Self {
            label: wait.label,
            longest: wait.ended - wait.first_polled,
            created: wait.created,
            from: wait.first_polled,
            to: wait.ended,
        }
    }

    fn length(&self) -> u64 {
        self.to - self.from
    }

    fn join(&mut self, other: Self) {
        if other.longest > self.longest {
            (self.label, self.longest) = (other.label, other.longest);
        }
        self.created = self.created.max(other.created);
        self.to = self.to.max(other.to);
    }
}

/// The finished waits that are not inside of others, in the order of time. Waits that overlap are
/// one group.
fn disjoint_groups(waits: &[LoggedWait]) -> Vec<Group> {
    let outer = waits.iter().filter(|wait| wait.depth == 0 && wait.finished);
    let mut sorted: Vec<_> = outer.map(Group::of).collect();
    sorted.sort_by_key(|group| group.from);
    let mut groups: Vec<Group> = Vec::new();
    for next in sorted {
        match groups.last_mut() {
            Some(last) if next.from < last.to => last.join(next),
            _ => groups.push(next),
        }
    }
    groups
}

/// Runs of groups whose waits were all created before the first group of the run ended.
fn proven_runs(groups: &[Group]) -> impl Iterator<Item = Sequence> + '_ {
    (0..groups.len()).filter_map(|start| {
        let first_ended = groups[start].to;
        let rest = groups[start + 1..].iter();
        let more = rest.take_while(|group| group.created < first_ended).count();
        (more > 0)
            .then(|| Sequence::of(&groups[start..=start + more], true))
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits as (label, created, first polled, ended).
    fn longest(waits: &[(&'static str, u64, u64, u64)]) -> Option<Sequence> {
        let mut log = WaitLog::default();
        for &(label, created, from, to) in waits {
            let id = log.begin(label, created, 0, from);
            log.end(id, to, true);
        }
        Sequence::longest_in(&log)
    }

    #[test]
    fn waits_in_sequence_could_take_as_long_as_the_longest() {
        let found = longest(&[("db", 0, 0, 2000), ("api", 2000, 2000, 5000)]).unwrap();
        assert_eq!((found.in_turn, found.longest), (5000, 3000));
        assert_eq!(found.pair, [("db", 2000), ("api", 3000)]);
        assert!(!found.proven);
    }

    #[test]
    fn wait_that_was_created_before_the_first_had_ended_is_proven_independent() {
        let found = longest(&[("db", 0, 0, 2000), ("api", 1, 2000, 5000)]).unwrap();
        assert!(found.proven);
    }

    #[test]
    fn proof_covers_only_what_was_created_in_time() {
        let found = longest(&[
            ("a", 0, 0, 100),
            ("b", 100, 100, 300),
            ("c", 120, 300, 500),
            ("d", 600, 600, 900),
        ]);
        let found = found.unwrap();
        assert!(found.proven);
        assert_eq!(found.pair, [("b", 200), ("c", 200)]);
        assert_eq!(found.saving(), 200);
    }

    #[test]
    fn waits_that_overlap_are_one() {
        assert_eq!(longest(&[("a", 0, 0, 100), ("b", 0, 50, 200)]), None);
        let found = longest(&[("a", 0, 0, 100), ("b", 0, 50, 200), ("c", 200, 200, 300)]);
        assert_eq!(found.unwrap().pair, [("b", 200), ("c", 100)]);
    }
}
