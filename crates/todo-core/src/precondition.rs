/// A condition of a write on its target, checked in the write's own transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    /// No condition.
    #[default]
    None,
    /// The target exists.
    Exists,
    /// The target does not exist.
    Absent,
    /// The target is in a state that it cannot have, such as a version where there are no versions.
    Never,
}

impl Precondition {
    /// Whether the write may go ahead.
    #[must_use]
    pub fn holds(self, exists: bool) -> bool {
        match self {
            Self::None => true,
            Self::Exists => exists,
            Self::Absent => !exists,
            Self::Never => false,
        }
    }

    /// Requires both conditions.
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
