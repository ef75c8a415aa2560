/// Where something stands in its list; equal orders stand in the order of their ids.
///
/// Any number between ±[`Order::LIMIT`], fractions included, so that there is room between two
/// neighbours without moving either.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Order(f64);

/// A number that is no order: too large, or not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a number between -9007199254740991 and 9007199254740991")]
pub struct InvalidOrder;

impl Order {
    /// 2⁵³ − 1, the largest integer that every JSON reader keeps exact (RFC 8259, section 6).
    pub const LIMIT: f64 = 9_007_199_254_740_991.0;

    /// The order of the first entry of an empty list.
    pub const FIRST: Self = Self(1.0);

    /// Checks an order.
    ///
    /// # Errors
    ///
    /// When it is not a number, or beyond the limit.
    pub fn new(value: f64) -> Result<Self, InvalidOrder> {
        if value.abs() <= Self::LIMIT {
            // Adding zero turns -0.0 into 0.0, so that equal orders have equal bits.
            Ok(Self(value + 0.0))
        } else {
            Err(InvalidOrder)
        }
    }

    /// The order of an entry added behind this one.
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
