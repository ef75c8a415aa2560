use schemars::JsonSchema;
use serde::Serialize;

/// One field, parameter or header that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldError {
    /// What is wrong with it.
    #[schemars(example = "must not be blank")]
    pub detail: String,
    /// Where it stands in the body: a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", example = "/title")]
    pub pointer: Option<String>,
    /// The name of the parameter, in the path or in the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", example = &"limit")]
    pub parameter: Option<String>,
    /// The name of the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", example = &"If-Match")]
    pub header: Option<String>,
}

impl FieldError {
    /// A field of the body.
    pub fn body(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            detail: detail.into(),
            pointer: Some(pointer.into()),
            parameter: None,
            header: None,
        }
    }

    /// A parameter of the path or the query. A parameter with an empty name, as in `?=1`, is shown
    /// as `=`.
    pub fn parameter(name: impl Into<String>, detail: impl Into<String>) -> Self {
        let mut name = name.into();
        if name.is_empty() {
            name.push('=');
        }
        Self {
            detail: detail.into(),
            pointer: None,
            parameter: Some(name),
            header: None,
        }
    }

    /// A header of the request.
    pub fn header(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            detail: detail.into(),
            pointer: None,
            parameter: None,
            header: Some(name.into()),
        }
    }
}
