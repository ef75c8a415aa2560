use std::fmt;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::problem::MissingLayer;
use crate::request::Scope;

/// An extractor that tells a handler whether its client has disconnected.
///
/// For handlers that cannot be cancelled: a plain `fn`, because a thread cannot be stopped from
/// outside, and a handler in [`finish`](crate::finish). A handler that takes long can check it now
/// and then, and return early.
///
/// ```
/// use sabr::ClientGone;
///
/// fn search(client: ClientGone) -> String {
///     for block in 0..1000 {
///         if client.is_gone() {
///             return String::new(); // nobody reads it
///         }
///         // look into the block
/// #       let _ = block;
///     }
///     String::from("found")
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(sabr::sync(search)));
/// ```
#[derive(Clone)]
pub struct ClientGone {
    scope: Arc<Scope>,
}

impl ClientGone {
    /// Whether the client disconnected before there was a response. Once true, it stays true.
    ///
    /// A client that has finished sending but still reads has not disconnected. Telling the two
    /// apart takes about 100 ms; see [`serve`](crate::serve).
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.scope.is_client_gone()
    }
}

impl<S: Sync> FromRequestParts<S> for ClientGone {
    type Rejection = MissingLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, MissingLayer> {
        let scope = parts.extensions.get::<Arc<Scope>>().ok_or(MissingLayer)?;
        Ok(Self {
            scope: Arc::clone(scope),
        })
    }
}

impl fmt::Debug for ClientGone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientGone")
            .field("is_gone", &self.is_gone())
            .finish_non_exhaustive()
    }
}
