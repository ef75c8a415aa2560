use axum::http::{Method, Uri};

use crate::http::problem::{Problem, kind};

/// For a path that nothing is served at.
pub(crate) async fn route_not_found(uri: Uri) -> Problem {
    Problem::route_not_found(&uri)
}

/// For a path that is served, with another method. The router adds `Allow`.
pub(crate) async fn method_not_allowed(method: Method) -> Problem {
    let detail = format!("`{method}` is not served here; `Allow` lists what is");
    Problem::new(&kind::METHOD_NOT_ALLOWED, detail)
}
