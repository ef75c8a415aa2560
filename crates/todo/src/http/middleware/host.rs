//! Refuses requests that were meant for another host.
//!
//! Why: a hostile site can let its own domain name resolve to 127.0.0.1. Its pages are then
//! same-origin with this service (DNS rebinding). Their requests carry that domain name as the
//! host, which gives them away.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, Version, header};

use crate::http::problem::{Problem, kind};

/// Refuses the request unless its host is a name or an address of the local machine.
pub(super) fn check(request: &Request) -> Result<(), Problem> {
    match named(request)? {
        None => Ok(()),
        Some(host) if is_local(host) => Ok(()),
        Some(_) => Err(Problem::new(
            &kind::FOREIGN_HOST,
            "`Host` must be localhost, 127.0.0.1 or [::1]: without accounts, this service answers the local machine alone",
        )),
    }
}

/// The host and port of the request: from its target, otherwise from `Host`. A request of HTTP/1.0
/// may have neither.
pub(crate) fn host_of<'request>(
    uri: &'request Uri,
    headers: &'request HeaderMap,
) -> Option<&'request str> {
    if let Some(authority) = uri.authority() {
        return Some(authority.as_str());
    }
    headers.get(header::HOST)?.to_str().ok()
}

/// As [`host_of`], but also checks the rules of RFC 9112, section 3.2, and RFC 9113, section 8.3.1.
fn named(request: &Request) -> Result<Option<&str>, Problem> {
    let refuse = |name, detail: &str| Problem::with_bad_header(&kind::BAD_HEADER, name, detail);
    let malformed = "must be a host, and perhaps a colon and a port";
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (None, _) => None,
        (Some(host), None) => match host.to_str() {
            Ok(host) if is_authority(host) => Some(host),
            _ => return Err(refuse("Host", malformed)),
        },
        (Some(_), Some(_)) => return Err(refuse("Host", "must be given only once")),
    };
    let target = request.uri().authority().map(Authority::as_str);
    let is_http2 = request.version() >= Version::HTTP_2;
    // RFC 9112, section 3.2: the target is a path, or a whole URI of a scheme that is served here.
    let scheme = request.uri().scheme_str();
    if target.is_some() && !is_http2 && !matches!(scheme, Some("http" | "https")) {
        let detail = "must be a path that begins with a slash, or an http URI";
        return Err(refuse("request target", detail));
    }
    if let Some(target) = target {
        let name = if is_http2 {
            ":authority"
        } else {
            "request target"
        };
        if !is_authority(target) {
            return Err(refuse(name, malformed));
        }
        // In HTTP/1.1 the target's host takes precedence over `Host`.
        if is_http2 && host.is_some_and(|host| !is_same(host, target)) {
            return Err(refuse("Host", "must be the same as `:authority`"));
        }
    }
    let required = match is_http2 {
        true => target.or(host).is_none(),
        false => host.is_none() && request.version() == Version::HTTP_11,
    };
    match required {
        true => Err(refuse("Host", "is missing")),
        false => Ok(target.or(host)),
    }
}

/// Whether two `http` authorities have the same host and port.
fn is_same(one: &str, other: &str) -> bool {
    let bare = |authority: &str| {
        let bare = authority
            .strip_suffix(":80")
            .or_else(|| authority.strip_suffix(':'));
        bare.unwrap_or(authority).to_ascii_lowercase()
    };
    bare(one) == bare(other)
}

/// Whether this is `uri-host [ ":" port ]` (RFC 9110, section 7.2) with a non-empty host.
fn is_authority(text: &str) -> bool {
    let (host, port) = split_port(text);
    let port = port.is_none_or(|port| {
        port.bytes().all(|byte| byte.is_ascii_digit())
            && (port.is_empty() || port.parse::<u16>().is_ok())
    });
    let literal = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    port && match literal {
        Some(ip) => ip.parse::<Ipv6Addr>().is_ok() || is_ip_future(ip),
        None => is_registered_name(host),
    }
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

/// An address of a future version (RFC 3986, section 3.2.2), such as `v1.fe80`.
fn is_ip_future(ip: &str) -> bool {
    let parts = ip
        .strip_prefix(['v', 'V'])
        .and_then(|ip| ip.split_once('.'));
    parts.is_some_and(|(version, address)| {
        let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_part = |byte| is_plain(byte) || byte == b':';
        !version.is_empty()
            && is_hex(version)
            && !address.is_empty()
            && address.bytes().all(is_part)
    })
}

/// `reg-name` (RFC 3986, section 3.2.2), which includes IPv4 addresses.
fn is_registered_name(host: &str) -> bool {
    let mut bytes = host.bytes();
    while let Some(byte) = bytes.next() {
        let is_hex = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
        let is_part = match byte {
            b'%' => is_hex(bytes.next()) && is_hex(bytes.next()),
            byte => is_plain(byte),
        };
        if !is_part {
            return false;
        }
    }
    !host.is_empty()
}

/// `unreserved` and `sub-delims` (RFC 3986, section 2).
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte)
}

/// Whether the authority names this machine. The syntax is checked exactly, because accepted hosts
/// appear in the URLs of responses.
fn is_local(authority: &str) -> bool {
    let (host, _) = split_port(authority);
    is_authority(authority)
        && match host
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
    fn a_host_is_well_formed_or_not() {
        for (host, expected) in [
            ("localhost", true),
            ("localhost:", true),
            ("localhost:00080", true),
            ("evil.example:65535", true),
            ("my_host", true),
            ("%41", true),
            ("192.168.0.1", true),
            ("[fe80::1]:80", true),
            ("[v1.fe80::1]", true),
            ("", false),
            (":80", false),
            ("a b", false),
            ("a/b", false),
            ("a,b", true),
            ("münchen.example", false),
            ("%4", false),
            ("%zz", false),
            ("127.0.0.1:x", false),
            ("127.0.0.1:99999", false),
            ("127.0.0.1:-1", false),
            ("127.0.0.1:+1", false),
            ("127.0.0.1:80:80", false),
            ("user@127.0.0.1", false),
            ("::1", false),
            ("[::1", false),
            ("::1]", false),
            ("[::1]x", false),
            ("[::1]:x", false),
            ("[127.0.0.1]", false),
            ("[fe80::1%25eth0]", false),
            ("[]", false),
            ("http://localhost", false),
        ] {
            assert_eq!(is_authority(host), expected, "{host}");
        }
    }

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
