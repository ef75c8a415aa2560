//! Allows an uncompressed response, whatever `Accept-Encoding` says.

use axum::http::{HeaderMap, HeaderValue, header};

/// Is inserted before the client's own value, so that it decides about `identity` where the client
/// refuses or omits it. The weight is the lowest that exists, so every other accepted coding is
/// preferred.
const IDENTITY: HeaderValue = HeaderValue::from_static("identity;q=0.001");

/// Removes a refusal of `identity` from the request.
///
/// Why: the compression layer would otherwise answer 406 to `identity;q=0` and `*;q=0`, with the
/// whole body. A server may send an unencoded response instead (RFC 9110, section 12.5.3), which
/// helps the client more.
pub(super) fn accept_identity(headers: &mut HeaderMap) {
    let sent = headers.get_all(header::ACCEPT_ENCODING);
    if !sent.iter().any(may_refuse) {
        return;
    }
    let sent: Vec<_> = sent.iter().cloned().collect();
    headers.insert(header::ACCEPT_ENCODING, IDENTITY);
    for value in sent {
        headers.append(header::ACCEPT_ENCODING, value);
    }
}

/// Whether the value names `identity` or `*`. Browsers name neither, so their requests are
/// unchanged.
fn may_refuse(value: &HeaderValue) -> bool {
    let value = value.as_bytes();
    let name = b"identity";
    value.contains(&b'*')
        || value
            .windows(name.len())
            .any(|part| part.eq_ignore_ascii_case(name))
}
