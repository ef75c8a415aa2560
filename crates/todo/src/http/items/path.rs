use schemars::JsonSchema;
use serde::Deserialize;

use crate::http::value::ItemId;

/// Names an item in the path.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct ItemPath {
    /// The item's id.
    pub id: ItemId,
}
