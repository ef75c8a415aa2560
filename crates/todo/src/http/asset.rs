//! The static files of the pages, embedded in the binary.

use axum::http::Uri;
use sabr_assets::Asset;

use super::problem::Problem;

/// The route of an embedded file, from its `Content-Security-Policy` and its path beneath `assets`.
///
/// The handler is a plain `fn`. Why: the first request compresses the file, which takes long.
macro_rules! asset {
    ($policy:expr, $folder:literal / $name:literal) => {{
        static ASSET: sabr_assets::Asset = $crate::http::asset::embedded!($folder, $name, $policy);
        axum::routing::get(sabr::sync(|headers: axum::http::HeaderMap| {
            ASSET.answer(&headers).map(axum::body::Body::from)
        }))
    }};
}

/// The route of several embedded files. The last segment of the path is the name of the file.
macro_rules! assets {
    ($policy:expr, $($folder:literal / [$($name:literal),+ $(,)?]),+) => {{
        static ASSETS: [sabr_assets::Asset; [$($($name),+),+].len()] =
            [$($($crate::http::asset::embedded!($folder, $name, $policy)),+),+];
        axum::routing::get(sabr::sync(|uri: axum::http::Uri, headers: axum::http::HeaderMap| {
            $crate::http::asset::find(&ASSETS, &uri).map(|asset| asset.answer(&headers).map(axum::body::Body::from))
        }))
    }};
}

macro_rules! embedded {
    ($folder:literal, $name:literal, $policy:expr) => {
        sabr_assets::Asset::new(
            $name,
            include_bytes!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/assets/",
                $folder,
                "/",
                $name
            )),
        )
        .with_policy($policy)
    };
}

pub(super) use {asset, assets, embedded};

/// The file that the last segment of the path names.
pub(super) fn find(assets: &'static [Asset], uri: &Uri) -> Result<&'static Asset, Problem> {
    let name = uri.path().rsplit('/').next();
    let asset = assets.iter().find(|asset| Some(asset.name()) == name);
    asset.ok_or_else(|| Problem::route_not_found(uri))
}
