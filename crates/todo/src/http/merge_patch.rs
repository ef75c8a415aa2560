//! Deserialises the fields of a merge patch (RFC 7396), which can be absent, `null` or a value.
//!
//! These functions are for `deserialize_with`, together with `#[serde(default)]`. The latter makes
//! an absent field `None`.

use serde::{Deserialize, Deserializer};

/// A field that can be set but not removed: `null` is an error.
pub(super) fn set<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// A field that can be set and removed: `null` is `Some(None)`.
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}
