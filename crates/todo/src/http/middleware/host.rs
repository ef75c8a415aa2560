//! Refuses requests that were meant for another host.
//!
//! A page anywhere may point a name of its own at 127.0.0.1, and then be same-origin with this
//! service (DNS rebinding). Its requests name that host, so they are told apart by it.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::extract::Request;
use axum::http::{HeaderMap, Uri, header};

use crate::http::problem::{Problem, kind};

/// Whether the request is for the local machine, by whichever of its names.
pub(super) fn check(request: &Request) -> Result<(), Problem> {
    match host_of(request.uri(), request.headers()) {
        Some(host) if is_local(host) => Ok(()),
        _ => Err(Problem::new(
            &kind::FOREIGN_HOST,
            "`Host` must be localhost, 127.0.0.1 or [::1]: without accounts, this service answers the local machine alone",
        )),
    }
}

/// The host and port that the request names: in HTTP/2 as its authority, before in `Host`.
pub(crate) fn host_of<'request>(
    uri: &'request Uri,
    headers: &'request HeaderMap,
) -> Option<&'request str> {
    if let Some(authority) = uri.authority() {
        return Some(authority.as_str());
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        _ => None,
    }
}

/// What passes here stands in the URLs of answers, so it has to be a host and a port to the letter.
fn is_local(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, "0"),
    };
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    match host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        Some(ipv6) => ipv6.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback()),
        None => is_localhost(host) || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback()),
    }
}

/// `localhost`, and every name in it (RFC 6761, section 6.3).
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let mut labels = name.rsplit('.');
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    labels
        .next()
        .is_some_and(|last| last.eq_ignore_ascii_case("localhost"))
        && labels.all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_local_machine_are_local() {
        for (host, expected) in [
            ("localhost", true),
            ("LOCALHOST:8000", true),
            ("todo.localhost:8000", true),
            ("localhost.", true),
            ("127.0.0.1:8000", true),
            ("127.1.2.3", true),
            ("[::1]:8000", true),
            ("[::1]", true),
            ("", false),
            ("example.com", false),
            ("localhost.example.com", false),
            ("notlocalhost", false),
            ("127.0.0.1.example.com", false),
            ("192.168.0.1", false),
            ("0.0.0.0:8000", false),
            ("[::]:8000", false),
            ("user@localhost", false),
            ("\">.localhost", false),
            ("..localhost", false),
            ("localhost:80a", false),
            ("localhost:80:80", false),
        ] {
            assert_eq!(is_local(host), expected, "{host}");
        }
    }
}
