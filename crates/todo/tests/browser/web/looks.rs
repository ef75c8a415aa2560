//! The looks of the app: contrast, sizes, keyboard focus, and the amount of data that it loads.

use axum::http::Method;
use serde_json::json;

use super::{ESCAPE, add, add_all, open};
use crate::browser::{DESKTOP, PHONE, TAB, Theme};
use crate::looks::{check_contrast, check_width};
use crate::server::{Client, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_app_can_be_read_in_light_and_dark_on_a_desk_and_on_a_phone() {
    let server = Server::start().await;
    let long = "Write to Aunt Olga about the summer house, and ask whether the boat is still there or was sold last autumn";
    add_all(&server.client, &["Buy milk 🥛", "لا تنس الخبز", long]).await;
    add(
        &server.client,
        json!({ "title": "Pay rent", "completed": true }),
    )
    .await;
    let Some(browser) = open(&server).await else {
        return;
    };
    for (size, name) in [(DESKTOP, "1280"), (PHONE, "390")] {
        browser.resize(size).await;
        for (theme, of) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            browser.prefer(theme).await;
            browser.reload().await;
            browser
                .wait_for("document.querySelectorAll('.todo').length === 4")
                .await;
            check_contrast(&browser).await;
            check_width(&browser).await;
            browser.screenshot(&format!("web-{name}-{of}")).await;
        }
    }
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_control_has_a_name_and_is_reached_by_keyboard() {
    let server = Server::start().await;
    add_all(&server.client, &["milk"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".open").await;
    let controls = "a, button, input, textarea, [role=button]";
    for (name, role) in browser.names_and_roles(controls).await {
        assert!(!name.is_empty(), "a {role} without a name");
    }
    let lists = browser.names_and_roles("ul").await;
    assert!(
        lists.contains(&("Todos".to_owned(), "list".to_owned())),
        "{lists:?}"
    );
    browser.press(ESCAPE).await;
    browser.click(".new-todo").await;
    let mut reached = Vec::new();
    for _ in 0..8 {
        browser.press(TAB).await;
        let name = browser
            .run("return document.activeElement.className || document.activeElement.textContent")
            .await;
        reached.push(name.as_str().unwrap().to_owned());
    }
    for part in [
        "toggle",
        "title",
        "open",
        "destroy",
        "All",
        "Active",
        "Completed",
    ] {
        assert!(
            reached
                .iter()
                .any(|name| name.starts_with(part) || name == "selected"),
            "{part}: {reached:?}"
        );
    }
    drop(browser);
    server.stop().await;
}

#[tokio::test]
async fn the_first_load_is_small_and_all_from_here() {
    let server = Server::start().await;
    let mut total = 0;
    let page = text(&server.client, "/").await;
    let mut files = vec!["/web/app.js".to_owned()];
    files.extend(
        page.split('"')
            .filter(|part| part.ends_with(".css"))
            .map(ToOwned::to_owned),
    );
    total += size(&server.client, "/").await;
    let mut at = 0;
    while at < files.len() {
        let file = files[at].clone();
        total += size(&server.client, &file).await;
        let source = text(&server.client, &file).await;
        let imports = source.lines().filter(|line| line.starts_with("import "));
        for import in imports.filter_map(|line| line.split("\"./").nth(1)) {
            let name = format!("/web/{}", import.split('"').next().unwrap());
            if !files.contains(&name) {
                files.push(name);
            }
        }
        at += 1;
    }
    assert!(files.len() >= 12, "{files:?}");
    assert!(total < 100_000, "{total} bytes");
    println!(
        "the first load has {total} bytes in {} files",
        files.len() + 1
    );
    server.stop().await;
}

async fn text(client: &Client, path: &str) -> String {
    let answer = client.get(path).await.expect(200);
    String::from_utf8(answer.body.to_vec()).unwrap()
}

async fn size(client: &Client, path: &str) -> usize {
    let request = client
        .request(Method::GET, path)
        .header("accept-encoding", "gzip");
    client.send(request, "").await.expect(200).body.len()
}
