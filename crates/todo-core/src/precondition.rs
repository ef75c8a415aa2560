/// A condition of a write on its target. It is checked in the transaction of the write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    /// No condition.
    #[default]
    None,
    /// The target exists.
    Exists,
    /// The target does not exist.
    Absent,
    /// A condition that never holds, such as a certain version of a target that has no versions.
    Never,
}

impl Precondition {
    /// Whether the condition holds for a target that exists, or does not.
    #[must_use]
    pub fn holds(self, exists: bool) -> bool {
        match self {
            Self::None => true,
            Self::Exists => exists,
            Self::Absent => !exists,
            Self::Never => false,
        }
    }

    /// The condition that holds if both conditions hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, one) | (one, Self::None) => one,
            (one, other) if one == other => one,
            _ => Self::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Precondition::{Absent, Exists, Never, None};

    #[test]
    fn both_hold_where_each_does() {
        for one in [None, Exists, Absent, Never] {
            for other in [None, Exists, Absent, Never] {
                for exists in [true, false] {
                    let both = one.holds(exists) && other.holds(exists);
                    assert_eq!(one.and(other).holds(exists), both, "{one:?} {other:?}");
                }
            }
        }
    }
}
