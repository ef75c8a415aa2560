//! The API reference: Swagger UI, from this binary alone.

use std::io::Write;
use std::sync::OnceLock;

use aide::axum::ApiRouter;
use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use sabr::sync;

use crate::http::App;

/// Scripts and styles come from here and nowhere else. Swagger UI sets styles on its elements.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// An embedded file. A plain `fn`: to compress it takes long, but only the first time.
macro_rules! asset {
    ($file:literal, $media_type:literal) => {{
        static ASSET: Asset = Asset {
            media_type: $media_type,
            body: include_bytes!(concat!("../../../assets/", $file)),
            gzip: OnceLock::new(),
        };
        get(sync(|headers: HeaderMap| ASSET.answer(&headers)))
    }};
}

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .route(
            "/docs",
            asset!("docs/index.html", "text/html; charset=utf-8"),
        )
        .route(
            "/docs/docs.css",
            asset!("docs/docs.css", "text/css; charset=utf-8"),
        )
        .route(
            "/docs/docs.js",
            asset!("docs/docs.js", "text/javascript; charset=utf-8"),
        )
        .route(
            "/docs/swagger-ui.css",
            asset!("swagger-ui/swagger-ui.css", "text/css; charset=utf-8"),
        )
        .route(
            "/docs/swagger-ui-bundle.js",
            asset!(
                "swagger-ui/swagger-ui-bundle.js",
                "text/javascript; charset=utf-8"
            ),
        )
        .route(
            "/docs/favicon.png",
            asset!("swagger-ui/favicon-32x32.png", "image/png"),
        )
}

struct Asset {
    media_type: &'static str,
    body: &'static [u8],
    gzip: OnceLock<Bytes>,
}

impl Asset {
    fn answer(&'static self, request: &HeaderMap) -> Response {
        let headers = [
            (header::CONTENT_TYPE, self.media_type),
            (header::CACHE_CONTROL, "max-age=3600"),
            (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
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
