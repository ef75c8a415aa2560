//! The static files of the pages, embedded in the binary.

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

/// The route of an embedded file, from its `Content-Security-Policy` and its path beneath `assets`.
///
/// The handler is a plain `fn`. Why: the first request compresses the file, which takes long.
macro_rules! asset {
    ($policy:expr, $folder:literal / $name:literal) => {{
        static ASSET: $crate::http::asset::Asset =
            $crate::http::asset::embedded!($folder, $name, $policy);
        axum::routing::get(sabr::sync(|headers: axum::http::HeaderMap| {
            ASSET.answer(&headers)
        }))
    }};
}

/// The route of several embedded files. The last segment of the path is the name of the file.
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

/// The file that the last segment of the path names.
pub(super) fn find(assets: &'static [Asset], uri: &Uri) -> Result<&'static Asset, Problem> {
    let name = uri.path().rsplit('/').next();
    let asset = assets.iter().find(|asset| Some(asset.name) == name);
    asset.ok_or_else(|| Problem::route_not_found(uri))
}

/// One embedded file. Its compressed form and its entity tag are computed at the first request.
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
            // Browsers may cache the file, but must revalidate it each time. So they see a new
            // version of the program at once.
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

/// The media type by the file name's extension. It knows the extensions of the embedded files.
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

/// The entity tag of a file. It is weak (RFC 9110, section 8.8.3), because the compressed and the
/// plain form share it. It needs no cryptographic hash, because nobody gains from a collision.
fn tag_of(body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    format!("W/\"{:016x}\"", hasher.finish())
}

fn compressed(body: &[u8]) -> Bytes {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to a `Vec` cannot fail.
    let _ = gzip.write_all(body);
    gzip.finish().unwrap_or_default().into()
}
