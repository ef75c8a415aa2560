use std::convert::Infallible;

use aide::operation::OperationInput;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::http::middleware::host_of;

/// The scheme, host and port at which the client reached the service. The absolute URLs in the
/// response begin with it.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl(String);

impl BaseUrl {
    /// The empty base: URLs that are joined to it are relative. For responses that all clients
    /// share.
    pub(crate) fn relative() -> Self {
        Self(String::new())
    }

    /// Joins a path that begins with a slash to the base.
    pub(crate) fn join(&self, path: impl std::fmt::Display) -> String {
        format!("{}{path}", self.0)
    }
}

impl<S: Sync> FromRequestParts<S> for BaseUrl {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let host = host_of(&parts.uri, &parts.headers);
        // HTTP/1.0 requests may have no host.
        Ok(host.map_or_else(Self::relative, |host| Self(format!("http://{host}"))))
    }
}

impl OperationInput for BaseUrl {}
