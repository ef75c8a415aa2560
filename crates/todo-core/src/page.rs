use uuid::Uuid;

use crate::Order;

/// A place between two entries of a list that is sorted by order and then id: just behind the
/// entry with this order and this id, whether or not that entry still exists.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// The entry's order.
    pub order: Order,
    /// The entry's id.
    pub id: Uuid,
}

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slice {
    /// Where it begins; `None` for the beginning of the list.
    pub after: Option<Position>,
    /// How many entries it has at the most; at least 1.
    pub limit: u32,
}

impl Slice {
    /// The most entries that one page may have.
    pub const LIMIT_MAX: u32 = 1_000;

    /// Once a page of todos holds this many bytes of text, only the ids of further entries follow.
    /// Why: a page may have 40 MB of notes, which would otherwise be in memory as a whole for each
    /// client.
    pub const BYTES_MAX: usize = 256 * 1024;
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The entries in the list's order: the whole page, or as many as [`Slice::BYTES_MAX`] allows.
    pub entries: Vec<T>,
    /// The ids of the entries after these, which are read later.
    pub rest: Vec<Uuid>,
    /// Where the next page begins; `None` on the last page.
    pub next: Option<Position>,
}

impl<T> Page<T> {
    /// Makes a page of up to `limit` entries from up to `limit + 1`: one more than asked for
    /// tells that there is a next page.
    #[must_use]
    pub fn new(mut entries: Vec<T>, limit: u32, position: impl Fn(&T) -> Position) -> Self {
        let limit = limit as usize;
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| more).map(position);
        Self {
            entries,
            rest: Vec::new(),
            next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_page_with_more_behind_it_has_a_next() {
        let position = |n: &u8| Position {
            order: Order::new(f64::from(*n)).unwrap(),
            id: Uuid::nil(),
        };
        let page = Page::new(vec![1, 2, 3], 2, position);
        assert_eq!(page.entries, [1, 2]);
        assert_eq!(page.next, Some(position(&2)));
        assert_eq!(Page::new(vec![1, 2], 2, position).next, None);
        assert_eq!(Page::new(vec![], 2, position).next, None);
    }
}
