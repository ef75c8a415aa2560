async fn waits() -> &'static str {
    ""
}

fn main() {
    let _ = sabr::sync::<_, _, ()>(waits);
}
