//! Serves files that are embedded in the program.
//!
//! ```
//! use http::HeaderMap;
//! use sabr_assets::Asset;
//!
//! static SCRIPT: Asset = Asset::new("hello.js", b"console.log('hello')");
//!
//! let response = SCRIPT.answer(&HeaderMap::new());
//! assert_eq!(response.headers()["content-type"], "text/javascript; charset=utf-8");
//! assert_eq!(response.headers()["cache-control"], "no-cache");
//! ```

mod negotiation;

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hasher};
use std::io::Write;
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

pub use self::negotiation::tags;
use self::negotiation::{has_already, takes_gzip};

/// One file.
#[derive(Debug)]
pub struct Asset {
    name: &'static str,
    policy: Option<&'static str>,
    body: Cow<'static, [u8]>,
    gzip: OnceLock<Bytes>,
    tag: OnceLock<HeaderValue>,
}

impl Asset {
    /// A file of this name, whose ending decides the media type: css, html, js, png or svg. A file
    /// with another ending is `application/octet-stream`.
    #[must_use]
    pub const fn new(name: &'static str, body: &'static [u8]) -> Self {
        Self::of(name, Cow::Borrowed(body))
    }

    /// A file that is made at run time.
    #[must_use]
    pub fn made(name: &'static str, body: Vec<u8>) -> Self {
        Self::of(name, Cow::Owned(body))
    }

    const fn of(name: &'static str, body: Cow<'static, [u8]>) -> Self {
        Self {
            name,
            policy: None,
            body,
            gzip: OnceLock::new(),
            tag: OnceLock::new(),
        }
    }

    /// Sends this `Content-Security-Policy` with the file. A policy that is not a header value is
    /// not sent.
    #[must_use]
    pub const fn with_policy(mut self, policy: &'static str) -> Self {
        self.policy = Some(policy);
        self
    }

    /// The name that was given.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The file, as it is embedded.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The response to a `GET` with these headers: 200 with the file, or 304 if `If-None-Match`
    /// names it.
    ///
    /// The first response with gzip compresses the file, which takes about a millisecond for 50 kB.
    #[must_use]
    pub fn answer(&self, request: &HeaderMap) -> Response<Bytes> {
        let tag = self.tag.get_or_init(|| tag_of(&self.body));
        let mut response = Response::new(Bytes::new());
        let headers = response.headers_mut();
        // The browser keeps the file and asks each time: a new version of the program is seen at
        // once.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(header::ETAG, tag.clone());
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if has_already(request, tag.as_bytes()) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        let media_type = HeaderValue::from_static(media_type(self.name));
        headers.insert(header::CONTENT_TYPE, media_type);
        if let Some(Ok(policy)) = self.policy.map(HeaderValue::from_str) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        let body = if takes_gzip(request) {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            self.gzip.get_or_init(|| compressed(&self.body)).clone()
        } else {
            match &self.body {
                Cow::Borrowed(body) => Bytes::from_static(body),
                Cow::Owned(body) => Bytes::copy_from_slice(body),
            }
        };
        *response.body_mut() = body;
        response
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// A weak tag (RFC 9110, section 8.8.3), because the file has the same one with gzip and without.
/// Nobody could gain from a collision, so the hash need not be cryptographic.
fn tag_of(body: &[u8]) -> HeaderValue {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    HeaderValue::from_str(&format!("W/\"{:016x}\"", hasher.finish()))
        .unwrap_or(HeaderValue::from_static("W/\"0\""))
}

fn compressed(body: &[u8]) -> Bytes {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _ = gzip.write_all(body);
    gzip.finish().unwrap_or_default().into()
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
