/// The place of an entry in its list. Entries with equal orders are sorted by id.
///
/// An order is any number between ±[`Order::LIMIT`]. It may have a fraction, so that an entry can
/// be put between two neighbours without changing theirs.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Order(f64);

/// The number is beyond ±[`Order::LIMIT`], or is NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a number between -9007199254740991 and 9007199254740991")]
pub struct InvalidOrder;

impl Order {
    /// 2⁵³ − 1: JSON readers agree on integers up to here exactly (RFC 8259, section 6).
    pub const LIMIT: f64 = 9_007_199_254_740_991.0;

    /// The order of the first entry of an empty list.
    pub const FIRST: Self = Self(1.0);

    /// Checks an order.
    ///
    /// # Errors
    ///
    /// When the number is beyond ±[`Order::LIMIT`], or is NaN.
    pub fn new(value: f64) -> Result<Self, InvalidOrder> {
        if value.abs() <= Self::LIMIT {
            // Adding zero turns -0.0 into 0.0, so that equal orders have equal bits.
            Ok(Self(value + 0.0))
        } else {
            Err(InvalidOrder)
        }
    }

    /// The order of an entry that is added at the end, when this is the order of the last entry:
    /// the next integer, up to the limit.
    #[must_use]
    pub fn next(self) -> Self {
        Self((self.0.floor() + 1.0).min(Self::LIMIT))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Order {
    type Error = InvalidOrder;

    fn try_from(value: f64) -> Result<Self, InvalidOrder> {
        Self::new(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stands_beyond_the_limit() {
        for value in [f64::NAN, f64::INFINITY, 1e300, -1e300] {
            assert_eq!(Order::new(value), Err(InvalidOrder));
        }
        let last = Order::new(Order::LIMIT).unwrap();
        assert_eq!(last.next(), last);
    }

    #[test]
    fn the_next_order_lies_behind_a_fraction() {
        assert_eq!(Order::new(1.5).unwrap().next(), Order::new(2.0).unwrap());
        assert_eq!(Order::new(0.0).unwrap().next(), Order::FIRST);
    }
}
