use schemars::JsonSchema;
use serde::Deserialize;

use crate::http::value::TodoId;

/// Names a todo in the path.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(in crate::http) struct TodoPath {
    /// The todo's id.
    pub id: TodoId,
}
