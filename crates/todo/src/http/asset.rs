//! Files of pages, embedded in the binary.

use std::hash::{DefaultHasher, Hasher};
use std::io::Write;
use std::sync::OnceLock;

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::negotiation::{has_already, takes_gzip};
use super::problem::Problem;

/// The route of an embedded file: its path beneath `assets`, and where what it loads may come from.
/// A plain `fn`: to compress it takes long, but only the first time.
macro_rules! asset {
    ($policy:expr, $folder:literal / $name:literal) => {{
        static ASSET: $crate::http::asset::Asset =
            $crate::http::asset::embedded!($folder, $name, $policy);
        axum::routing::get(sabr::sync(|headers: axum::http::HeaderMap| {
            ASSET.answer(&headers)
        }))
    }};
}

/// The route of many of them, whose last segment is the name of a file.
macro_rules! assets {
    ($policy:expr, $($folder:literal / [$($name:literal),+ $(,)?]),+) => {{
        static ASSETS: [$crate::http::asset::Asset; [$($($name),+),+].len()] =
            [$($($crate::http::asset::embedded!($folder, $name, $policy)),+),+];
        axum::routing::get(sabr::sync(|uri: axum::http::Uri, headers: axum::http::HeaderMap| {
            $crate::http::asset::find(&ASSETS, &uri).map(|asset| asset.answer(&headers))
        }))
    }};
}

macro_rules! embedded {
    ($folder:literal, $name:literal, $policy:expr) => {
        $crate::http::asset::Asset::new(
            $name,
            $policy,
            include_bytes!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/assets/",
                $folder,
                "/",
                $name
            )),
        )
    };
}

pub(super) use {asset, assets, embedded};

/// The one that the last segment of the path names.
pub(super) fn find(assets: &'static [Asset], uri: &Uri) -> Result<&'static Asset, Problem> {
    let name = uri.path().rsplit('/').next();
    let asset = assets.iter().find(|asset| Some(asset.name) == name);
    asset.ok_or_else(|| Problem::route_not_found(uri))
}

/// One file.
pub(super) struct Asset {
    name: &'static str,
    /// Its `Content-Security-Policy`.
    policy: &'static str,
    body: &'static [u8],
    gzip: OnceLock<Bytes>,
    tag: OnceLock<String>,
}

impl Asset {
    pub(super) const fn new(name: &'static str, policy: &'static str, body: &'static [u8]) -> Self {
        Self {
            name,
            policy,
            body,
            gzip: OnceLock::new(),
            tag: OnceLock::new(),
        }
    }

    pub(super) fn answer(&'static self, request: &HeaderMap) -> Response {
        let tag = self.tag.get_or_init(|| tag_of(self.body)).as_str();
        let cached = [
            // Kept, and asked for each time: a new version of the program is seen at once.
            (header::CACHE_CONTROL, "no-cache"),
            (header::ETAG, tag),
            (header::VARY, "accept-encoding"),
        ];
        if has_already(request, tag) {
            return (StatusCode::NOT_MODIFIED, cached).into_response();
        }
        let content = [
            (header::CONTENT_TYPE, media_type(self.name)),
            (header::CONTENT_SECURITY_POLICY, self.policy),
        ];
        if !takes_gzip(request) {
            return (cached, content, self.body).into_response();
        }
        let gzip = self.gzip.get_or_init(|| compressed(self.body));
        let encoding = [(header::CONTENT_ENCODING, "gzip")];
        (cached, content, encoding, gzip.clone()).into_response()
    }
}

/// Of the files that there are.
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

/// A weak one (RFC 9110, section 8.8.3): it is the same compressed or not. Nobody could gain from a
/// collision.
fn tag_of(body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    format!("W/\"{:016x}\"", hasher.finish())
}

fn compressed(body: &[u8]) -> Bytes {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _ = gzip.write_all(body);
    gzip.finish().unwrap_or_default().into()
}
