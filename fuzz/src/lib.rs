//! Fuzz targets for everything that the service parses. Each sends one request to the whole
//! service, in this process and on a database in memory, and checks its response.
//!
//! `fuzz/run` looks for new inputs, guided by coverage. `cargo test -p fuzz` runs the seeds and
//! variations of them.

mod service;

use axum::http::{HeaderName, HeaderValue, Method, Request, Uri, header};

pub use service::Service;

/// Something that the service parses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The cursor of a page.
    Cursor,
    /// `Last-Event-ID`, in the header and as a parameter.
    LastEventId,
    /// The JSON of a new todo, of one that is replaced, and of a new item.
    Body,
    /// A merge patch of a todo.
    Patch,
    /// A query string.
    Query,
    /// Headers that the service reads: conditions, codings, hosts, proxies.
    Header,
    /// A path.
    Path,
}

impl Target {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Cursor,
        Self::LastEventId,
        Self::Body,
        Self::Patch,
        Self::Query,
        Self::Header,
        Self::Path,
    ];

    /// The name of its folder of seeds.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cursor => "cursor",
            Self::LastEventId => "last_event_id",
            Self::Body => "body",
            Self::Patch => "patch",
            Self::Query => "query",
            Self::Header => "header",
            Self::Path => "path",
        }
    }

    /// The request that carries this input. `None` if no client could send it.
    ///
    /// Where a target has variants, the first byte chooses one.
    pub(crate) fn request(self, input: &[u8], todo: &str) -> Option<Request<Vec<u8>>> {
        let (first, rest) = input.split_first()?;
        let of = |method, uri: &str, body: &[u8]| request(method, uri, body);
        match self {
            Self::Cursor => of(
                Method::GET,
                &format!("/todos?cursor={}", escaped(input)),
                b"",
            ),
            Self::LastEventId if *first < 128 => {
                let mut request = of(Method::GET, "/events", b"")?;
                let id = HeaderValue::from_bytes(rest).ok()?;
                request.headers_mut().insert("last-event-id", id);
                Some(request)
            }
            Self::LastEventId => {
                let uri = format!("/events?last_event_id={}", escaped(rest));
                of(Method::GET, &uri, b"")
            }
            Self::Body => match first % 3 {
                0 => of(Method::POST, "/todos", rest),
                1 => of(Method::PUT, &format!("/todos/{todo}"), rest),
                _ => of(Method::POST, &format!("/todos/{todo}/items"), rest),
            },
            Self::Patch => of(Method::PATCH, &format!("/todos/{todo}"), input),
            Self::Query => {
                let query = std::str::from_utf8(rest).ok()?;
                match first % 3 {
                    0 => of(Method::GET, &format!("/todos?{query}"), b""),
                    1 => of(Method::GET, &format!("/items?{query}"), b""),
                    _ => of(Method::GET, &format!("/todos/{todo}/items?{query}"), b""),
                }
            }
            Self::Header => {
                let (names, value) = (&HEADERS, HeaderValue::from_bytes(rest).ok()?);
                let name = names[usize::from(*first) % names.len()].clone();
                let mut request = of(Method::PATCH, &format!("/todos/{todo}"), b"{}")?;
                if *first >= 128 {
                    request = of(Method::GET, "/", b"")?;
                }
                request.headers_mut().insert(name, value);
                Some(request)
            }
            Self::Path => {
                let path = std::str::from_utf8(rest).ok()?;
                let methods = [Method::GET, Method::DELETE, Method::PUT, Method::POST];
                let method = methods[usize::from(*first) % methods.len()].clone();
                of(method, &format!("/{path}"), b"{\"title\":\"x\"}")
            }
        }
    }
}

static HEADERS: [HeaderName; 15] = [
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::EXPECT,
    header::FORWARDED,
    header::HOST,
    header::IF_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::ORIGIN,
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("traceparent"),
];

fn request(method: Method, uri: &str, body: &[u8]) -> Option<Request<Vec<u8>>> {
    let media_type = match method {
        Method::PATCH => "application/merge-patch+json",
        _ => "application/json",
    };
    Request::builder()
        .method(method)
        .uri(uri.parse::<Uri>().ok()?)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, media_type)
        .body(body.to_vec())
        .ok()
}

/// The bytes as part of a query: every one that is not a letter or a digit is escaped.
fn escaped(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => text.push(char::from(*byte)),
            // Writing to a string does not fail.
            _ => drop(write!(text, "%{byte:02x}")),
        }
        text
    })
}
