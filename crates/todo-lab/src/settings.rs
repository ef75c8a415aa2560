//! The settings of a run.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The setting is invalid. The message says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSetting(String);

/// The settings of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Settings {
    /// The factor for the length of every wait.
    pub scale: Scale,
    /// The number of users that wait at the same time in `crowd`.
    pub users: Users,
}

/// The factor for the length of every wait: 1 for the full length, 0.2 for a fifth of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64")]
pub struct Scale(f64);

/// The number of users that wait at the same time in `crowd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "usize")]
pub struct Users(usize);

impl Scale {
    /// The smallest factor. Shorter waits could not be told from the time that the machine itself
    /// takes.
    pub const MIN: f64 = 0.01;
    /// The largest factor: the full length.
    pub const MAX: f64 = 1.0;

    /// Checks a scale.
    ///
    /// # Errors
    ///
    /// When it is not from [`Scale::MIN`] to [`Scale::MAX`].
    pub fn new(scale: f64) -> Result<Self, InvalidSetting> {
        if (Self::MIN..=Self::MAX).contains(&scale) {
            return Ok(Self(scale));
        }
        let (min, max) = (Self::MIN, Self::MAX);
        let advice = format!("write a number from {min} to {max}, such as 0.2 for a fifth");
        Err(InvalidSetting(advice))
    }

    /// The length of a wait whose full length is `full`.
    #[must_use]
    pub fn of(self, full: Duration) -> Duration {
        full.mul_f64(self.0)
    }
}

impl Users {
    /// The largest number of users. Each needs two open files and a connection to the same port.
    pub const MAX: usize = 10_000;

    /// Checks a number of users.
    ///
    /// # Errors
    ///
    /// When it is not from 1 to [`Users::MAX`].
    pub fn new(users: usize) -> Result<Self, InvalidSetting> {
        if (1..=Self::MAX).contains(&users) {
            return Ok(Self(users));
        }
        Err(Self::advice())
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> usize {
        self.0
    }

    fn advice() -> InvalidSetting {
        InvalidSetting(format!("write a whole number from 1 to {}", Self::MAX))
    }
}

impl Default for Scale {
    fn default() -> Self {
        Self(1.0)
    }
}

impl Default for Users {
    fn default() -> Self {
        Self(1000)
    }
}

impl TryFrom<f64> for Scale {
    type Error = InvalidSetting;

    fn try_from(scale: f64) -> Result<Self, InvalidSetting> {
        Self::new(scale)
    }
}

impl TryFrom<usize> for Users {
    type Error = InvalidSetting;

    fn try_from(users: usize) -> Result<Self, InvalidSetting> {
        Self::new(users)
    }
}

impl FromStr for Scale {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        Self::new(text.parse().unwrap_or(f64::NAN))
    }
}

impl FromStr for Users {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        text.parse().map_err(|_| Self::advice()).and_then(Self::new)
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl JsonSchema for Scale {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Scale".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "number",
            "minimum": Self::MIN,
            "maximum": Self::MAX,
            "examples": [0.2],
        })
    }
}

impl JsonSchema for Users {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Users".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "integer",
            "minimum": 1,
            "maximum": Self::MAX,
            "examples": [100],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_shortens_and_never_lengthens() {
        for (text, expected) in [
            ("1", Some(2000)),
            ("0.2", Some(400)),
            ("0.01", Some(20)),
            ("0.009", None),
            ("1.01", None),
            ("0", None),
            ("-1", None),
            ("nan", None),
            ("a fifth", None),
            ("", None),
        ] {
            let scaled = text.parse::<Scale>().ok();
            let scaled = scaled.map(|scale| scale.of(Duration::from_secs(2)).as_millis());
            assert_eq!(scaled, expected, "{text:?}");
        }
    }

    #[test]
    fn users_are_bounded() {
        for (text, expected) in [
            ("1", Some(1)),
            ("10000", Some(10_000)),
            ("10001", None),
            ("0", None),
            ("-1", None),
            ("many", None),
        ] {
            let users = text.parse::<Users>().ok().map(Users::get);
            assert_eq!(users, expected, "{text:?}");
        }
    }
}
