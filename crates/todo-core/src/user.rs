use crate::UserId;

/// A person who uses the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The person's name to programs.
    pub id: UserId,
    /// The person's name to people.
    pub name: String,
}
