use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};
use todo_core::InvalidOrder;

/// A place in a list, as a JSON number.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "f64")]
pub(crate) struct Order(pub(crate) todo_core::Order);

impl TryFrom<f64> for Order {
    type Error = InvalidOrder;

    fn try_from(value: f64) -> Result<Self, InvalidOrder> {
        todo_core::Order::new(value).map(Self)
    }
}

impl Serialize for Order {
    /// Whole numbers are written without a fraction, so that a client which sent `5` gets `5`, not
    /// `5.0`.
    #[expect(clippy::cast_possible_truncation, reason = "whole, and below 2⁵³")]
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let number = self.0.get();
        if number.fract() == 0.0 {
            to.serialize_i64(number as i64)
        } else {
            to.serialize_f64(number)
        }
    }
}

impl JsonSchema for Order {
    fn schema_name() -> Cow<'static, str> {
        "Order".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "number",
            "minimum": -9_007_199_254_740_991_i64,
            "maximum": 9_007_199_254_740_991_i64,
            "examples": [1],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_were_sent() {
        for text in ["0", "5", "-3", "1.5", "9007199254740991"] {
            let order: Order = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&order).unwrap(), text);
        }
    }
}
