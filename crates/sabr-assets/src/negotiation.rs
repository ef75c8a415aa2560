//! Content negotiation: which representation the client has cached (`If-None-Match`), and which
//! content codings it accepts (`Accept-Encoding`).

use http::{HeaderMap, header};

/// Whether the client has the representation with this tag: `If-None-Match` lists it, or is `*`.
///
/// Tags are compared weakly (RFC 9110, sections 8.8.3.2 and 13.1.2).
pub(crate) fn has_already(request: &HeaderMap, tag: &[u8]) -> bool {
    let wanted = tags(tag).and_then(|tags| tags.first().copied());
    let values = request.get_all(header::IF_NONE_MATCH).iter();
    let mut values = values.map(|value| value.as_bytes().trim_ascii());
    values.any(|value| {
        value == b"*"
            || tags(value).is_some_and(|tags| tags.into_iter().any(|tag| Some(tag) == wanted))
    })
}

/// The entity tags of a list such as `If-None-Match`, without `W/` and quotes (RFC 9110, section
/// 8.8.3); `None` if the list is malformed.
///
/// ```
/// assert_eq!(sabr_assets::tags(b"\"a\", W/\"b\""), Some(vec![&b"a"[..], b"b"]));
/// assert_eq!(sabr_assets::tags(b"a"), None);
/// ```
#[must_use]
pub fn tags(list: &[u8]) -> Option<Vec<&[u8]>> {
    let (mut rest, mut tags) = (list, Vec::new());
    loop {
        // Recipients ignore empty elements (section 5.6.1.2).
        while let [b' ' | b'\t' | b',', after @ ..] = rest {
            rest = after;
        }
        if rest.is_empty() {
            return Some(tags);
        }
        let opened = rest.strip_prefix(b"W/").unwrap_or(rest);
        let opened = opened.strip_prefix(b"\"")?;
        let (tag, after) = opened.split_at(opened.iter().position(|byte| *byte == b'"')?);
        if !tag.iter().all(|byte| matches!(byte, 0x21..=0x7e | 0x80..)) {
            return None;
        }
        tags.push(tag);
        rest = after[1..].trim_ascii_start();
        if !matches!(rest, [] | [b',', ..]) {
            return None;
        }
    }
}

/// Whether the client accepts gzip, and does not prefer `identity` to it (RFC 9110, section
/// 12.5.3).
pub(crate) fn takes_gzip(request: &HeaderMap) -> bool {
    let (mut gzip, mut any, mut identity) = (None, None, None);
    for (coding, weight) in codings(request) {
        let known = match coding {
            coding if coding.eq_ignore_ascii_case("gzip") => &mut gzip,
            coding if coding.eq_ignore_ascii_case("x-gzip") => &mut gzip,
            coding if coding.eq_ignore_ascii_case("identity") => &mut identity,
            "*" => &mut any,
            _ => continue,
        };
        *known = Some(weight);
    }
    let gzip = gzip.or(any).unwrap_or(0.0);
    gzip > 0.0 && gzip >= identity.unwrap_or(0.0)
}

/// The codings of `Accept-Encoding`, with their weights. Malformed elements are skipped.
fn codings(request: &HeaderMap) -> impl Iterator<Item = (&str, f32)> {
    request
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|member| match member.split_once(';') {
            None => Some((member.trim(), 1.0)),
            Some((coding, weight)) => Some((coding.trim(), parse_weight(weight)?)),
        })
}

fn parse_weight(parameter: &str) -> Option<f32> {
    let (name, value) = parameter.trim().split_once('=')?;
    // At most three digits after the point (RFC 9110, section 12.4.2).
    let digits = value.split_once('.').map_or("", |(_, digits)| digits);
    let is_number = value
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let weight = value.parse().ok()?;
    let is_weight = is_number && digits.len() <= 3 && (0.0..=1.0).contains(&weight);
    (name.eq_ignore_ascii_case("q") && is_weight).then_some(weight)
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn headers(name: HeaderName, lines: &[&str]) -> HeaderMap {
        let lines = lines
            .iter()
            .map(|line| (name.clone(), line.parse().unwrap()));
        lines.collect()
    }

    #[test]
    fn tags_are_found_in_lists_and_compared_weakly() {
        for (lines, expected) in [
            (&["\"a\""][..], true),
            (&["W/\"a\""], true),
            (&["\"b\", \"a\""], true),
            (&["\"b\",W/\"a\" , \"c\""], true),
            (&["\"b\"", "\"a\""], true),
            (&["*"], true),
            (&[" * "], true),
            (&["\"b,\", \"a\""], true),
            (&[], false),
            (&[""], false),
            (&["a"], false),
            (&["\"A\""], false),
            (&["\"b\", \"c\""], false),
            (&["\"b, a\""], false),
            (&["\"*\""], false),
            (&["\"a"], false),
            (&["a\""], false),
            (&["w/\"a\""], false),
            (&["\"a\" \"b\""], false),
            (&["\"a\";x"], false),
        ] {
            let request = headers(header::IF_NONE_MATCH, lines);
            for tag in ["\"a\"", "W/\"a\""] {
                assert_eq!(
                    has_already(&request, tag.as_bytes()),
                    expected,
                    "{lines:?} {tag}"
                );
            }
        }
    }

    #[test]
    fn gzip_is_taken_by_its_weight() {
        for (lines, expected) in [
            (&["gzip"][..], true),
            (&["GZIP"], true),
            (&["x-gzip"], true),
            (&["br, gzip;q=0.8"], true),
            (&["br;q=1.0, gzip ; Q=0.001"], true),
            (&["br", "gzip"], true),
            (&["*"], true),
            (&["br, *;q=0.1"], true),
            (&["gzip, identity;q=0"], true),
            (&["gzip;q=0.5, identity;q=0.5"], true),
            (&["gzip;q=0.5, identity"], false),
            (&["gzip;q=0"], false),
            (&["gzip;q=0.000, *"], false),
            (&["*;q=0"], false),
            (&["identity;q=0"], false),
            (&["identity"], false),
            (&["gzip;q=2"], false),
            (&["gzip;q=0.0001"], false),
            (&["gzip;q=+1"], false),
            (&["gzip;q=1e0"], false),
            (&["gzip;q=nan"], false),
            (&["gzip;level=9"], false),
            (&["notgzip"], false),
            (&[""], false),
            (&[], false),
        ] {
            let request = headers(header::ACCEPT_ENCODING, lines);
            assert_eq!(takes_gzip(&request), expected, "{lines:?}");
        }
    }
}
