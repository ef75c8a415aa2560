use schemars::JsonSchema;
use serde::Deserialize;

use crate::http::value::TodoId;

/// The path parameter of the operations on one todo.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(in crate::http) struct TodoPath {
    /// The todo's id.
    pub id: TodoId,
}
