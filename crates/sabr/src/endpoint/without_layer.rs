//! Endpoints that are called without a layer, as in the unit test of a handler.

use std::sync::{Arc, LazyLock};

use crate::config::Config;
use crate::request::Scope;
use crate::shared::Shared;

/// The `Sabr` of the request. Without one, it is a `Sabr` with default settings that all such
/// requests of the process share.
pub(super) fn shared_of(scope: Option<&Arc<Scope>>) -> Arc<Shared> {
    static DEFAULT: LazyLock<Arc<Shared>> =
        LazyLock::new(|| Arc::new(Shared::new(Config::default())));
    Arc::clone(scope.map_or(&DEFAULT, |scope| scope.shared()))
}
