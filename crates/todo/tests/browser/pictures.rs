//! Takes the pictures of the README: `cargo test -p todo --test browser -- --ignored pictures`.

use std::path::Path;

use serde_json::json;

use crate::browser::{Browser, Size, Theme};
use crate::server::Server;

const CARD: Size = Size {
    width: 760,
    height: 520,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "changes files of the repository"]
async fn pictures_of_the_readme() {
    let server = Server::start().await;
    for (title, completed) in [
        ("Learn to wait", true),
        ("Write a plain fn where nothing waits", true),
        ("Find out who blocks the event loop", false),
        ("Buy milk", false),
    ] {
        let body = json!({ "title": title, "completed": completed });
        server.client.post("/todos", &body).await.expect(201);
    }
    let url = server.client.url("/");
    let Some(browser) = Browser::open(&url, CARD, Theme::Light).await else {
        return;
    };
    browser
        .wait_for("document.querySelectorAll('.todo').length === 4")
        .await;
    let taken = browser.screenshot("readme-todo").await;
    let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/pictures");
    std::fs::copy(taken, pictures.join("todo.png")).unwrap();
    drop(browser);
    server.stop().await;
}
