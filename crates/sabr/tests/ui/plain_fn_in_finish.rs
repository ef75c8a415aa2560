fn plain() -> &'static str {
    ""
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(sabr::finish(plain)));
}
