//! Endpoints that are called without a layer, as in the unit test of a handler.

use std::sync::{Arc, LazyLock};

use crate::config::Config;
use crate::request::Scope;
use crate::shared::Shared;

/// The state of the request's `Sabr`. All requests of the process that have no `Sabr` share one,
/// which has default settings.
pub(super) fn shared_of(scope: Option<&Arc<Scope>>) -> Arc<Shared> {
    static DEFAULT: LazyLock<Arc<Shared>> =
        LazyLock::new(|| Arc::new(Shared::new(Config::default())));
    Arc::clone(scope.map_or(&DEFAULT, |scope| scope.shared()))
}
