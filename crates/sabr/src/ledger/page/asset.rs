//! The files of the page.

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use http::HeaderMap;
use sabr_assets::Asset;

macro_rules! embedded {
    ($($name:literal),+ $(,)?) => {
        [$(Asset::new($name, include_bytes!(concat!("assets/", $name)))),+]
    };
}

/// The files of the page, except for its document.
pub(super) static ASSETS: [Asset; 9] = embedded![
    "page.css",
    "theme.js",
    "page.js",
    "dom.js",
    "words.js",
    "charts.js",
    "glance.js",
    "endpoint.js",
    "around.js",
];

pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    ASSETS.iter().fold(Router::new(), |router, asset| {
        let answer = async |headers: HeaderMap| asset.answer(&headers).map(Body::from);
        router.route(&format!("/{}", asset.name()), get(answer))
    })
}

/// Links to the pages of the service, each a name and an address.
#[derive(Default)]
pub(super) struct Links(Vec<(String, String)>);

impl Links {
    pub(super) fn add(&mut self, name: &str, address: &str) {
        self.0.push((name.to_owned(), address.to_owned()));
    }

    /// The links as HTML, for the header of the page at `path`.
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

/// The document of the page, for a request to `path`.
pub(super) fn document(path: &str, links: &Links, headers: &HeaderMap) -> Response {
    let text = include_str!("assets/page.html")
        .replace("{{base}}", &escape(&base(path)))
        .replace("<!-- links -->", &links.html(path));
    let page = Asset::made("page.html", text.into_bytes());
    page.answer(headers).map(Body::from)
}

/// The base of the links in the document at `path`, relative to the document.
///
/// Why a base: the document is mounted without a slash at the end, so the browser would look for
/// its files beside it instead of below it. Why relative: a proxy may serve the page under another
/// path.
fn base(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((_, last)) if !last.is_empty() => format!("./{last}"),
        _ => ".".to_owned(),
    }
}

/// Escapes for HTML text and for attributes in double quotes.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}
