fn body_first(_: String, _: http::Uri) {}

fn main() {
    let _ = sabr::sync::<_, _, ()>(body_first);
}
