use jiff::{SignedDuration, Timestamp};

use crate::{Draft, Notes, Order, Patch, Title, TodoId};

/// A todo: something to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Todo {
    /// Its id. It never changes.
    pub id: TodoId,
    /// What is to be done.
    pub title: Title,
    /// More about it.
    pub notes: Option<Notes>,
    /// When it was done; `None` while it is not.
    pub completed_at: Option<Timestamp>,
    /// Its place in the list.
    pub order: Order,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Todo {
    /// A new todo. `last` is the order of the last todo in the list, if it has any.
    #[must_use]
    pub fn create(id: TodoId, draft: Draft, last: Option<Order>, now: Timestamp) -> Self {
        Self {
            id,
            title: draft.title,
            notes: draft.notes,
            completed_at: draft.completed.then_some(now),
            order: draft
                .order
                .unwrap_or_else(|| last.map_or(Order::FIRST, Order::next)),
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether it is done.
    #[must_use]
    pub fn completed(&self) -> bool {
        self.completed_at.is_some()
    }

    /// The todo with the fields of the draft. It keeps its order if the draft has none.
    #[must_use]
    pub fn replaced(&self, draft: Draft, now: Timestamp) -> Self {
        self.patched(
            Patch {
                title: Some(draft.title),
                notes: Some(draft.notes),
                completed: Some(draft.completed),
                order: draft.order,
            },
            now,
        )
    }

    /// The todo with the patch applied. If the patch changes nothing, `updated_at` stays.
    #[must_use]
    pub fn patched(&self, patch: Patch, now: Timestamp) -> Self {
        let before = self.clone();
        let mut todo = Self {
            title: patch.title.unwrap_or(before.title),
            notes: patch.notes.unwrap_or(before.notes),
            completed_at: completed_at(before.completed_at, patch.completed, now),
            order: patch.order.unwrap_or(before.order),
            ..*self
        };
        if todo != *self {
            todo.updated_at = after(self.updated_at, now);
        }
        todo
    }
}

/// The new `completed_at` after a change of `completed`. Something that was done already keeps its
/// first time.
pub(crate) fn completed_at(
    before: Option<Timestamp>,
    completed: Option<bool>,
    now: Timestamp,
) -> Option<Timestamp> {
    match completed {
        None => before,
        Some(true) => before.or(Some(now)),
        Some(false) => None,
    }
}

/// The new `updated_at` of something that was last changed at `before`.
///
/// It is always later than `before`, even if the clock was set back or commands overtook each
/// other. So a client that holds two states of an object can tell which one is newer.
pub(crate) fn after(before: Timestamp, now: Timestamp) -> Timestamp {
    let next = before.checked_add(SignedDuration::from_millis(1));
    // The addition fails only for the last time that can be represented.
    next.map_or(before, |next| next.max(now))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn draft(title: &str) -> Draft {
        Draft {
            title: Title::parse(title).unwrap(),
            notes: None,
            completed: false,
            order: None,
        }
    }

    #[test]
    fn a_new_todo_stands_last() {
        let id = TodoId(Uuid::nil());
        let first = Todo::create(id, draft("a"), None, at(1));
        assert_eq!(first.order, Order::FIRST);
        let second = Todo::create(id, draft("b"), Some(first.order), at(1));
        assert!(second.order > first.order);
    }

    #[test]
    fn completing_twice_keeps_the_first_time() {
        let todo = Todo::create(TodoId(Uuid::nil()), draft("a"), None, at(1));
        let complete = |completed| Patch {
            completed: Some(completed),
            ..Patch::default()
        };
        let done = todo.patched(complete(true), at(2));
        assert_eq!(done.completed_at, Some(at(2)));
        let again = done.patched(complete(true), at(3));
        assert_eq!(again, done);
        let undone = again.patched(complete(false), at(4));
        assert_eq!((undone.completed_at, undone.updated_at), (None, at(4)));
    }

    #[test]
    fn a_change_is_later_than_what_it_changed_even_if_the_clock_is_not() {
        let todo = Todo::create(TodoId(Uuid::nil()), draft("a"), None, at(2));
        let same = todo.replaced(draft("b"), at(2));
        assert!(same.updated_at > todo.updated_at);
        let earlier = same.replaced(draft("c"), at(1));
        assert!(earlier.updated_at > same.updated_at);
    }

    #[test]
    fn at_the_end_of_time_no_change_is_earlier_than_what_it_changed() {
        let draft_at = |time| Todo::create(TodoId(Uuid::nil()), draft("a"), None, time);
        let todo = draft_at(Timestamp::MAX);
        assert_eq!(todo.replaced(draft("b"), at(2)).updated_at, Timestamp::MAX);
    }

    #[test]
    fn replacing_without_an_order_keeps_the_place() {
        let todo = Todo::create(TodoId(Uuid::nil()), draft("a"), Order::new(7.0).ok(), at(1));
        let replaced = todo.replaced(draft("b"), at(2));
        assert_eq!(replaced.order, todo.order);
        assert_eq!(replaced.title.as_str(), "b");
        assert_eq!(replaced.created_at, at(1));
    }
}
