use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;
use uuid::{ContextV7, Uuid};

/// The generator of ids. Like the clock, it is passed in, so that tests can choose ids.
#[derive(Clone)]
pub struct Ids(Arc<dyn Fn(Timestamp) -> Uuid + Send + Sync>);

impl Ids {
    /// A generator of UUIDv7 (RFC 9562, section 5.7) with random bits from the operating system.
    /// The ids of one generator sort in the order of their creation, even if the clock goes
    /// back.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    pub fn random() -> Self {
        let context = Mutex::new(ContextV7::new());
        Self::from_fn(move |now| {
            // UUIDv7 cannot express times before 1970. The context starts at time zero, and draws a
            // new random number only when the time advances, so the first time must be at least 1
            // ms.
            let millisecond = now.as_millisecond().max(1).cast_unsigned();
            let nanosecond = (millisecond % 1000) as u32 * 1_000_000;
            let context = context.lock();
            let time = uuid::Timestamp::from_unix(&*context, millisecond / 1000, nanosecond);
            Uuid::new_v7(time)
        })
    }

    /// A generator that calls `make` with the present time.
    pub fn from_fn(make: impl Fn(Timestamp) -> Uuid + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }

    /// A new id.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> Uuid {
        (self.0)(now)
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ids")
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
}

id!(
    /// The id of a todo.
    TodoId
);
id!(
    /// The id of a checklist item.
    ItemId
);
id!(
    /// The id of a person.
    UserId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_at_any_time() {
        let ids = Ids::random();
        let times = [
            "-009999-01-02T01:59:59Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00Z",
        ];
        for time in times {
            let [one, two] = [(); 2].map(|()| ids.next(time.parse().unwrap()));
            assert_ne!(one, two);
            assert_eq!(one.get_version_num(), 7, "{time}");
        }
    }

    #[test]
    fn ids_sort_in_the_order_of_their_creation_whatever_the_clock_does() {
        let ids = Ids::random();
        let times = [
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00Z",
            "1969-01-01T00:00:00Z",
        ];
        let made = times.map(|time| ids.next(time.parse().unwrap()));
        assert!(made.is_sorted(), "{made:?}");
    }
}
