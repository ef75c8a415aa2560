use std::convert::Infallible;

use aide::operation::OperationInput;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::http::middleware::host_of;

/// Where the client reached the service: what the absolute URLs in its answer begin with.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl(String);

impl BaseUrl {
    /// Of a service whose clients know where it is: what begins with it is relative.
    pub(crate) fn relative() -> Self {
        Self(String::new())
    }

    /// An absolute URL from a path that begins with a slash.
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
