use std::net::SocketAddr;

use aide::operation::OperationInput;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

use crate::http::problem::{Problem, kind};

/// Refuses a request whose connection does not come from this machine. The gate has already checked
/// that the request's `Host` names this machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local;

impl<S: Send + Sync> FromRequestParts<S> for Local {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let here = peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback());
        if here {
            return Ok(Self);
        }
        let detail = "the lab can only be used on the machine that it runs on";
        Err(Problem::new(&kind::NOT_LOCAL, detail))
    }
}

impl OperationInput for Local {}
