use schemars::JsonSchema;
use serde::Deserialize;

use crate::http::value::ItemId;

/// The path parameter of the operations on one item.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct ItemPath {
    /// The item's id.
    pub id: ItemId,
}
