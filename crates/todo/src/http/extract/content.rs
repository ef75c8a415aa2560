//! The media type and the content coding of a request body.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use crate::http::problem::{Problem, kind};

/// Lists the media types that `POST` accepts (Linked Data Platform 1.0, section 7.1).
const ACCEPT_POST: HeaderName = HeaderName::from_static("accept-post");
/// Lists the media types that `PATCH` accepts (RFC 5789, section 3.1).
const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");

/// Refuses a body that is not JSON in one of these media types, in UTF-8, without a content coding.
pub(super) fn check(
    method: &Method,
    headers: &HeaderMap,
    known: &[&'static str],
) -> Result<(), Problem> {
    if let Err(detail) = check_encoding(headers) {
        let identity = HeaderValue::from_static("identity");
        return Err(
            unsupported("Content-Encoding", detail).with_header(header::ACCEPT_ENCODING, identity)
        );
    }
    let Err(detail) = check_media_type(headers, known) else {
        return Ok(());
    };
    // `Accept` in a 415 lists what is accepted (RFC 9110, section 15.5.16).
    let names = match *method {
        Method::PATCH => &[header::ACCEPT, ACCEPT_PATCH][..],
        Method::POST => &[header::ACCEPT, ACCEPT_POST],
        _ => &[header::ACCEPT],
    };
    let mut problem = unsupported("Content-Type", detail);
    for name in names {
        if let Ok(known) = HeaderValue::try_from(known.join(", ")) {
            problem = problem.with_header(name.clone(), known);
        }
    }
    Err(problem)
}

fn unsupported(header: &'static str, detail: String) -> Problem {
    Problem::with_bad_header(&kind::UNSUPPORTED_MEDIA_TYPE, header, detail)
}

/// Refuses compressed bodies. Why: a small one could expand to any size.
fn check_encoding(headers: &HeaderMap) -> Result<(), String> {
    let encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    for encoding in encodings.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')) {
        let encoding = encoding.trim_ascii();
        if !encoding.is_empty() && !encoding.eq_ignore_ascii_case(b"identity") {
            let encoding = encoding.escape_ascii();
            return Err(format!(
                "must be `identity`, or left out; it is `{encoding}`"
            ));
        }
    }
    Ok(())
}

fn check_media_type(headers: &HeaderMap, known: &[&'static str]) -> Result<(), String> {
    let expected = || format!("must be `{}`", known.join("` or `"));
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Err(format!("{}; it is missing", expected())),
        (Some(value), None) => value.to_str().unwrap_or("unreadable"),
        (Some(_), Some(_)) => return Err(format!("{}; it is there twice", expected())),
    };
    let mut parts = value.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    if !known
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known))
    {
        let found = essence.escape_debug();
        return Err(format!("{}; it is `{found}`", expected()));
    }
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        let charset = value.trim_matches('"');
        let utf8 = ["utf-8", "utf8"]
            .iter()
            .any(|utf8| charset.eq_ignore_ascii_case(utf8));
        if name.eq_ignore_ascii_case("charset") && !utf8 {
            let charset = charset.escape_debug();
            return Err(format!(
                "must name no charset other than UTF-8; it names `{charset}`"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks whether an operation that takes `application/json` accepts these headers.
    #[track_caller]
    fn check(headers: &[(&'static str, &'static str)], expected: bool) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        let found = super::check(&Method::POST, &map, &["application/json"]);
        assert_eq!(found.is_ok(), expected, "{headers:?}: {found:?}");
    }

    #[test]
    fn json_is_taken_in_utf_8_alone() {
        let media_type = |value, expected| check(&[("content-type", value)], expected);
        media_type("application/json", true);
        media_type("Application/JSON; Charset=\"UTF-8\"", true);
        media_type("application/json;charset=utf8; profile=x", true);
        media_type("application/json;", true);
        media_type("application/json; charset=iso-8859-1", false);
        media_type("application/json; charset=utf-8; charset=utf-16", false);
        media_type("application/json; charset=", false);
        media_type("application/json, text/plain", false);
        media_type("application/jsonx", false);
        media_type("", false);
        check(&[], false);
        let twice = ("content-type", "application/json");
        check(&[twice, twice], false);
    }

    #[test]
    fn what_is_compressed_is_not_taken() {
        let json = ("content-type", "application/json");
        let encoded = |value, expected| check(&[json, ("content-encoding", value)], expected);
        encoded("identity", true);
        encoded("Identity, identity", true);
        encoded("", true);
        encoded("gzip", false);
        encoded("identity, br", false);
        encoded("unheard-of", false);
        let twice = [
            json,
            ("content-encoding", "identity"),
            ("content-encoding", "gzip"),
        ];
        check(&twice, false);
    }
}
