use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::ConnectInfo;
use http::header::{self, HeaderName};
use http::request::Parts;
use http::{HeaderMap, Uri, Version};

pub(super) const REFUSAL: &str = "The wait ledger shows itself to the machine it runs on alone: open it there as \
    http://localhost, without a proxy, or say in the code who may look, with `Page::guard`.";

/// Decides which requests the page answers.
#[derive(Clone)]
pub(super) struct Guard(Arc<dyn Fn(&Parts) -> bool + Send + Sync>);

impl Guard {
    pub(super) fn new(admits: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(admits))
    }

    pub(super) fn this_machine() -> Self {
        Self::new(|parts| {
            comes_from_here(parts) && is_for_here(parts) && !went_through_proxy(parts)
        })
    }

    pub(super) fn admits(&self, parts: &Parts) -> bool {
        (self.0)(parts)
    }
}

fn comes_from_here(parts: &Parts) -> bool {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback())
}

/// Prevents DNS rebinding. A foreign web page can point its own host name at 127.0.0.1, and then
/// has the same origin as this service. Its requests name that host.
fn is_for_here(parts: &Parts) -> bool {
    host_of(&parts.uri, &parts.headers).is_some_and(is_loopback)
}

/// A proxy on this machine forwards requests of other machines from a loopback address. nginx uses
/// HTTP/1.0 to its backends by default, and no browser does.
fn went_through_proxy(parts: &Parts) -> bool {
    const SIGNS: [HeaderName; 7] = [
        header::FORWARDED,
        header::VIA,
        HeaderName::from_static("x-forwarded-for"),
        HeaderName::from_static("x-forwarded-host"),
        HeaderName::from_static("x-forwarded-proto"),
        HeaderName::from_static("x-forwarded-server"),
        HeaderName::from_static("x-real-ip"),
    ];
    let signed = SIGNS.iter().any(|name| parts.headers.contains_key(name));
    signed || parts.version <= Version::HTTP_10
}

/// The host and port that the request names, in its authority (HTTP/2) or in `Host` (HTTP/1).
/// `None` if the two contradict each other.
fn host_of<'request>(uri: &'request Uri, headers: &'request HeaderMap) -> Option<&'request str> {
    let authority = uri.authority().map(http::uri::Authority::as_str);
    let mut hosts = headers.get_all(header::HOST).iter();
    match (authority, hosts.next(), hosts.next()) {
        (None, Some(host), None) => host.to_str().ok(),
        (Some(authority), None, None) => Some(authority),
        (Some(authority), Some(host), None) => (host == authority).then_some(authority),
        _ => None,
    }
}

fn is_loopback(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, "0"),
    };
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let address = match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        Some(v6) => v6.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None if is_localhost(host) => return true,
        None => host.parse().ok().map(IpAddr::V4),
    };
    address.is_some_and(|address| address.is_loopback())
}

/// `localhost` and every name below it (RFC 6761, section 6.3).
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).as_bytes();
    let (rest, last) = name.split_at(name.len().saturating_sub("localhost".len()));
    last.eq_ignore_ascii_case(b"localhost") && (rest.is_empty() || rest.ends_with(b"."))
}
