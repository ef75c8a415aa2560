fn takes(_: std::time::Duration) {}

fn main() {
    let _ = sabr::sync::<_, _, ()>(takes);
}
