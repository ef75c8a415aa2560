use std::hash::{DefaultHasher, Hash, Hasher};

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderMap, HeaderValue, StatusCode, header};

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// What the page is made of, besides its document.
pub(super) const ASSETS: [(&str, &str, &str); 9] = [
    (
        "/page.css",
        "text/css; charset=utf-8",
        include_str!("assets/page.css"),
    ),
    ("/theme.js", SCRIPT, include_str!("assets/theme.js")),
    ("/page.js", SCRIPT, include_str!("assets/page.js")),
    ("/dom.js", SCRIPT, include_str!("assets/dom.js")),
    ("/words.js", SCRIPT, include_str!("assets/words.js")),
    ("/charts.js", SCRIPT, include_str!("assets/charts.js")),
    ("/glance.js", SCRIPT, include_str!("assets/glance.js")),
    ("/endpoint.js", SCRIPT, include_str!("assets/endpoint.js")),
    ("/around.js", SCRIPT, include_str!("assets/around.js")),
];

pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    ASSETS
        .into_iter()
        .fold(Router::new(), |router, (path, kind, text)| {
            let tag = tag(text);
            router.route(
                path,
                get(async move |headers: HeaderMap| respond(kind, text.into(), &tag, &headers)),
            )
        })
}

/// Links to the pages of the service, each a name and an address.
#[derive(Default)]
pub(super) struct Links(Vec<(String, String)>);

impl Links {
    pub(super) fn add(&mut self, name: &str, address: &str) {
        self.0.push((name.to_owned(), address.to_owned()));
    }

    /// As the header of the page at `path` shows them.
    fn html(&self, path: &str) -> String {
        let path = path.trim_end_matches('/');
        let links = self.0.iter().map(|(name, address)| {
            let here = match address.trim_end_matches('/') == path {
                true => " aria-current=\"page\"",
                false => "",
            };
            let (name, address) = (escape(name), escape(address));
            format!("<a href=\"{address}\"{here}>{name}</a> ")
        });
        links.collect()
    }
}

/// The page itself, as the document at `path`.
pub(super) fn document(path: &str, links: &Links, headers: &HeaderMap) -> Response {
    let text = include_str!("assets/page.html")
        .replace("{{base}}", &escape(&base(path)))
        .replace("<!-- links -->", &links.html(path));
    let tag = tag(&text);
    respond("text/html; charset=utf-8", text.into(), &tag, headers)
}

/// From the document at `path` to what stands beneath it. It is mounted without a slash at the end,
/// so what it links to would otherwise be looked for beside it; and it is relative, so a proxy may
/// put both under another path.
fn base(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((_, last)) if !last.is_empty() => format!("./{last}"),
        _ => ".".to_owned(),
    }
}

/// For text, and for an attribute in double quotes.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

/// A weak tag (RFC 9110, section 8.8.3), because an outer layer may compress the body.
fn tag(text: &str) -> HeaderValue {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    HeaderValue::from_str(&format!("W/\"{:016x}\"", hasher.finish()))
        .unwrap_or(HeaderValue::from_static("W/\"page\""))
}

/// The body, or 304 if the browser has it already.
fn respond(kind: &'static str, body: Body, tag: &HeaderValue, asked: &HeaderMap) -> Response {
    let mut response = Response::default();
    if has_already(asked, tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = body;
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag.clone());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

/// Whether `If-None-Match` lists the tag, compared weakly, or is `*` (RFC 9110, section 13.1.2).
fn has_already(request: &HeaderMap, tag: &HeaderValue) -> bool {
    let wanted = tags(tag.as_bytes()).and_then(|tags| tags.first().copied());
    let values = request.get_all(header::IF_NONE_MATCH).iter();
    let mut values = values.map(|value| value.as_bytes().trim_ascii());
    values.any(|value| {
        value == b"*"
            || tags(value).is_some_and(|tags| tags.into_iter().any(|tag| Some(tag) == wanted))
    })
}

/// The entity tags of a list, without `W/` and quotes (RFC 9110, section 8.8.3); `None` if the list
/// is malformed.
fn tags(list: &[u8]) -> Option<Vec<&[u8]>> {
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
        let end = opened.iter().position(|byte| *byte == b'"')?;
        tags.push(&opened[..end]);
        rest = opened[end + 1..].trim_ascii_start();
        if !matches!(rest, [] | [b',', ..]) {
            return None;
        }
    }
}
