use uuid::Uuid;

use crate::Order;

/// A position in a list that is sorted by order and then by id. It is directly after the entry with
/// this order and this id. The entry need not exist any more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// The entry's order.
    pub order: Order,
    /// The entry's id.
    pub id: Uuid,
}

/// The part of a list that a caller asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slice {
    /// The position where it begins; `None` for the beginning of the list.
    pub after: Option<Position>,
    /// The largest number of entries; at least 1.
    pub limit: u32,
}

impl Slice {
    /// The largest number of entries on a page.
    pub const LIMIT_MAX: u32 = 1_000;

    /// When a page of todos holds this many bytes of text, it only holds the ids of its further
    /// entries. Why: a page may have 40 MB of notes, which would otherwise all be in memory for
    /// each client.
    pub const BYTES_MAX: usize = 256 * 1024;
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The entries in the list's order: the whole page, or as many as [`Slice::BYTES_MAX`] allows.
    pub entries: Vec<T>,
    /// The ids of the further entries of this page. The caller reads those entries later.
    pub rest: Vec<Uuid>,
    /// The position where the next page begins; `None` on the last page.
    pub next: Option<Position>,
}

impl<T> Page<T> {
    /// A page of up to `limit` entries, from up to `limit + 1` entries of the list. The additional
    /// entry only shows that there is a next page.
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
