use crate::UserId;

/// A person who uses the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The person's id.
    pub id: UserId,
    /// The name by which the person logs in.
    pub name: String,
}
