//! Files of pages, embedded in the binary.

use std::io::Write;
use std::sync::OnceLock;

use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

/// The route of an embedded file: its path beneath `assets`, its media type, and where what it loads may
/// come from. A plain `fn`: to compress it takes long, but only the first time.
macro_rules! asset {
    ($file:literal, $media_type:expr, $policy:expr) => {{
        static ASSET: $crate::http::asset::Asset = $crate::http::asset::Asset::new(
            $media_type,
            $policy,
            include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/", $file)),
        );
        axum::routing::get(sabr::sync(|headers: axum::http::HeaderMap| {
            ASSET.answer(&headers)
        }))
    }};
}

pub(super) use asset;

/// One file.
pub(super) struct Asset {
    media_type: &'static str,
    /// Its `Content-Security-Policy`.
    policy: &'static str,
    body: &'static [u8],
    gzip: OnceLock<Bytes>,
}

impl Asset {
    pub(super) const fn new(
        media_type: &'static str,
        policy: &'static str,
        body: &'static [u8],
    ) -> Self {
        Self {
            media_type,
            policy,
            body,
            gzip: OnceLock::new(),
        }
    }

    pub(super) fn answer(&'static self, request: &HeaderMap) -> Response {
        let headers = [
            (header::CONTENT_TYPE, self.media_type),
            (header::CACHE_CONTROL, "max-age=3600"),
            (header::CONTENT_SECURITY_POLICY, self.policy),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::VARY, "accept-encoding"),
        ];
        if !takes_gzip(request) {
            return (headers, self.body).into_response();
        }
        let gzip = self.gzip.get_or_init(|| compressed(self.body));
        let encoding = [(header::CONTENT_ENCODING, "gzip")];
        (headers, encoding, gzip.clone()).into_response()
    }
}

fn takes_gzip(request: &HeaderMap) -> bool {
    let accepted = request.get(header::ACCEPT_ENCODING);
    let accepted = accepted.and_then(|value| value.to_str().ok()).unwrap_or("");
    accepted.split(',').any(|coding| coding.trim() == "gzip")
}

fn compressed(body: &[u8]) -> Bytes {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _ = gzip.write_all(body);
    gzip.finish().unwrap_or_default().into()
}
