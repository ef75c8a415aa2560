//! Refuses changes that a page of another origin asks for (cross-site request forgery).
//!
//! Browsers send the page's origin in every request that may change something (Fetch standard,
//! "append a request `Origin` header"). Other programs send no `Origin`, and are let through.

use std::net::Ipv6Addr;
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, header};

use super::host_of;
use crate::http::problem::{Problem, kind};

/// An origin whose pages may use the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This scheme, host and port.
    One(HeaderValue),
    /// Every origin.
    Any,
}

/// The origins, other than the service's own, whose pages may use the service.
#[derive(Clone, Debug, Default)]
pub struct AllowedOrigins(Arc<[Origin]>);

impl AllowedOrigins {
    /// These origins and no others.
    pub fn new(origins: impl Into<Arc<[Origin]>>) -> Self {
        Self(origins.into())
    }

    /// Whether no other origin is allowed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether pages of this origin may use the service.
    pub fn allow(&self, origin: &HeaderValue) -> bool {
        self.0.iter().any(|allowed| match allowed {
            Origin::One(allowed) => allowed == origin,
            Origin::Any => true,
        })
    }
}

impl FromStr for Origin {
    type Err = String;

    /// Parses an origin from the command line. The error says how to write one.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let origin = text.split_once("://").filter(|(scheme, authority)| {
            let authority = Authority::from_str(authority).ok();
            authority.is_some_and(|authority| is_serialized(scheme, &authority))
        });
        origin
            .and_then(|_| HeaderValue::from_str(text).ok())
            .map(Self::One)
            .ok_or_else(|| {
                "write it as browsers do: a scheme, a host in small letters and a port unless it is the scheme's own, \
                 such as https://example.com or http://localhost:3000, or * for every origin"
                    .to_owned()
            })
    }
}

/// Whether browsers would write the origin like this (HTML standard, "serialization of an origin").
/// Why: another spelling would never match the `Origin` of a request.
fn is_serialized(scheme: &str, authority: &Authority) -> bool {
    let default_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return false,
    };
    let host = authority.host();
    let port = match authority.port_u16() {
        Some(port) => port != default_port && authority.as_str() == format!("{host}:{port}"),
        None => authority.as_str() == host,
    };
    let ip = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    port && match ip {
        // Browsers write IPv6 addresses in the shortest form.
        Some(ip) => ip
            .parse::<Ipv6Addr>()
            .is_ok_and(|parsed| parsed.to_string() == ip),
        None => !host.is_empty() && host.bytes().all(is_host_byte),
    }
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'_')
}

/// Refuses an unsafe request of a page, unless the page's origin is allowed or the service's own.
pub(super) fn check(allowed: &AllowedOrigins, request: &Request) -> Result<(), Problem> {
    if request.method().is_safe() {
        return Ok(());
    }
    let Some(origin) = request.headers().get(header::ORIGIN) else {
        return Ok(());
    };
    if allowed.allow(origin) || is_own(origin, request) {
        return Ok(());
    }
    let origin = origin.to_str().unwrap_or("unreadable");
    Err(Problem::new(
        &kind::FOREIGN_ORIGIN,
        format!("pages of `{origin}` may not change anything here; `--cors-origin` allows them"),
    ))
}

fn is_own(origin: &HeaderValue, request: &Request) -> bool {
    let host = host_of(request.uri(), request.headers());
    let origin = origin.as_bytes().strip_prefix(b"http://");
    origin.is_some_and(|origin| host.is_some_and(|host| host.as_bytes() == origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_a_port() {
        for (origin, expected) in [
            ("https://example.com", true),
            ("http://localhost:3000", true),
            ("example.com", false),
            ("https://example.com/", false),
            ("https://example.com/page", false),
            ("https://", false),
            ("ftp://example.com", false),
            ("null", false),
            ("", false),
            ("https://example.com:8443", true),
            ("http://example.com:443", true),
            ("https://xn--mnchen-3ya.de", true),
            ("http://[::1]:3000", true),
            ("https://example.com:443", false),
            ("http://example.com:80", false),
            ("https://example.com:", false),
            ("https://example.com:99999", false),
            ("https://example.com:0443", false),
            ("https://:8443", false),
            ("https://Example.com", false),
            ("HTTPS://example.com", false),
            ("https://münchen.de", false),
            ("https://*.example.com", false),
            ("https://user@example.com", false),
            ("http://[0:0:0:0:0:0:0:1]", false),
            ("http://::1", false),
            ("https://example.com ", false),
            ("*", true),
        ] {
            let parsed = origin.parse::<Origin>();
            assert_eq!(parsed.is_ok(), expected, "{origin}: {parsed:?}");
        }
    }
}
