//! The requests to the service, its answers, and the states that these allow after a crash.

use std::collections::BTreeMap;

/// The titles of todos, by id.
pub(super) type Todos = BTreeMap<String, String>;

/// A write: the title of the todo after it, or `None` if it deletes the todo.
#[derive(Debug)]
pub(super) struct Write {
    pub id: String,
    pub title: Option<String>,
    /// The length of the recording when the answer arrived; `None` if no answer arrived.
    pub answered_at: Option<u64>,
}

/// Checks that `found` is `before` changed by every write that was answered before `cut`, and
/// possibly by later ones. The writes of one todo apply in order. The error describes the mistake.
pub(super) fn check(
    before: &Todos,
    writes: &[Write],
    cut: u64,
    found: &Todos,
) -> Result<(), String> {
    let mut allowed: BTreeMap<&str, Vec<Option<&str>>> = before
        .iter()
        .map(|(id, title)| (id.as_str(), vec![Some(title.as_str())]))
        .collect();
    for write in writes {
        let states = allowed.entry(&write.id).or_insert_with(|| vec![None]);
        if write.answered_at.is_some_and(|at| at <= cut) {
            states.clear();
        }
        states.push(write.title.as_deref());
    }
    for (id, states) in &allowed {
        let title = found.get(*id).map(String::as_str);
        if !states.contains(&title) {
            return Err(format!("todo {id} is {title:?}, and may be {states:?}"));
        }
    }
    match found.keys().find(|id| !allowed.contains_key(id.as_str())) {
        Some(id) => Err(format!("nobody wrote todo {id}")),
        None => Ok(()),
    }
}

#[test]
fn what_was_answered_before_the_cut_has_to_be_found_and_what_came_later_may() {
    let write = |title: Option<&str>, answered_at| Write {
        id: "a".to_owned(),
        title: title.map(str::to_owned),
        answered_at,
    };
    let holds = |writes: &[Write], found: Option<&str>| {
        let found = found.map(|title| ("a".to_owned(), title.to_owned()));
        check(&Todos::new(), writes, 10, &found.into_iter().collect()).is_ok()
    };
    let created = [write(Some("one"), Some(10))];
    assert!(holds(&created, Some("one")));
    assert!(!holds(&created, None));
    let late = [write(Some("one"), Some(5)), write(Some("two"), Some(11))];
    assert!(holds(&late, Some("one")) && holds(&late, Some("two")));
    assert!(!holds(&late, None));
    let deleted = [write(Some("one"), Some(5)), write(None, None)];
    assert!(holds(&deleted, Some("one")) && holds(&deleted, None));
    assert!(!holds(&deleted, Some("three")));
}
