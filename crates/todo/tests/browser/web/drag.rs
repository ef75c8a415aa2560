//! Dragging with mouse and touch.

use serde_json::json;

use super::{ESCAPE, add, add_all, open, titles, until_list_is};
use crate::browser::{Browser, PHONE};
use crate::input::Point;
use crate::server::Server;

const HELD: &str = "document.querySelector('.dragged')";
const FREE: &str = "!document.querySelector('.dragged')";

/// Grabs the last row, and moves it over the first one without releasing it.
async fn hold_last_over_first(browser: &Browser) -> Point {
    let from = browser.middle(".todo:last-child .handle").await;
    let to = browser.middle(".todo:first-child").await.down(-8.0);
    browser.mouse("mouseMoved", from, "none").await;
    browser.mouse("mousePressed", from, "left").await;
    browser.wait_for(HELD).await;
    browser.mouse("mouseMoved", to, "left").await;
    to
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_change_does_not_drop_a_drag() {
    let server = Server::start().await;
    let first = add(&server.client, json!({ "title": "a" })).await;
    add_all(&server.client, &["b", "c"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let to = hold_last_over_first(&browser).await;
    until_list_is(&browser, &["c", "a", "b"]).await;
    add_all(&server.client, &["d"]).await;
    until_list_is(&browser, &["c", "a", "b", "d"]).await;
    let url = first["url"].as_str().unwrap();
    let last = json!({ "title": "a!", "order": 1000 });
    server.client.patch(url, &last).await.expect(200);
    until_list_is(&browser, &["c", "b", "d", "a!"]).await;
    browser.wait_for(HELD).await;
    browser.mouse("mouseReleased", to, "left").await;
    browser.wait_for(FREE).await;
    until_list_is(&browser, &["c", "b", "d", "a!"]).await;
    browser.wait_for("localStorage.length === 0").await;
    assert_eq!(titles(&server.client).await, ["c", "b", "d", "a!"]);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drag_ends_when_its_todo_is_deleted_elsewhere() {
    let server = Server::start().await;
    add_all(&server.client, &["a", "b"]).await;
    let last = add(&server.client, json!({ "title": "c" })).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let to = hold_last_over_first(&browser).await;
    let url = last["url"].as_str().unwrap();
    server.client.delete(url).await.expect(204);
    until_list_is(&browser, &["a", "b"]).await;
    browser.mouse("mouseReleased", to, "left").await;
    until_list_is(&browser, &["a", "b"]).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn escape_and_a_window_that_loses_the_focus_put_the_row_back() {
    let server = Server::start().await;
    add_all(&server.client, &["a", "b", "c"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let before = server.client.get("/todos").await.json();
    let to = hold_last_over_first(&browser).await;
    until_list_is(&browser, &["c", "a", "b"]).await;
    browser.press(ESCAPE).await;
    browser.wait_for(FREE).await;
    until_list_is(&browser, &["a", "b", "c"]).await;
    browser.mouse("mouseReleased", to, "left").await;

    let to = hold_last_over_first(&browser).await;
    until_list_is(&browser, &["c", "a", "b"]).await;
    browser.run("dispatchEvent(new Event('blur'))").await;
    browser.wait_for(FREE).await;
    until_list_is(&browser, &["a", "b", "c"]).await;
    browser.mouse("mouseReleased", to, "left").await;
    assert_eq!(server.client.get("/todos").await.json(), before);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_primary_button_drags() {
    let server = Server::start().await;
    add_all(&server.client, &["a", "b"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let from = browser.middle(".todo:last-child .handle").await;
    for button in ["right", "middle"] {
        browser.mouse("mousePressed", from, button).await;
        assert_eq!(browser.run(&format!("return {FREE}")).await, true);
        browser.mouse("mouseReleased", from, button).await;
    }
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_scrolls_while_a_row_is_held_at_its_edge() {
    let server = Server::start().await;
    let many: Vec<String> = (0..60).map(|n| format!("todo {n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    add_all(&server.client, &many).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    until_list_is(&browser, &many).await;
    let from = browser.middle(".todo .handle").await;
    let edge = Point { y: 795.0, ..from };
    browser.mouse("mousePressed", from, "left").await;
    browser.wait_for(HELD).await;
    // The pointer does not move again.
    browser.mouse("mouseMoved", edge, "left").await;
    browser
        .wait_for(
            "scrollY > 0 && scrollY + innerHeight >= document.documentElement.scrollHeight - 1",
        )
        .await;
    let below =
        "[...document.querySelectorAll('.todo')].indexOf(document.querySelector('.dragged'))";
    browser.wait_for(&format!("{below} > 50")).await;
    let top = Point { y: 5.0, ..from };
    browser.mouse("mouseMoved", top, "left").await;
    browser
        .wait_for(&format!("scrollY === 0 && {below} === 0"))
        .await;
    browser.mouse("mouseReleased", top, "left").await;
    until_list_is(&browser, &many).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finger_on_the_handle_drags_and_elsewhere_scrolls() {
    let server = Server::start().await;
    let many: Vec<String> = (0..60).map(|n| format!("todo {n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    add_all(&server.client, &many).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.resize(PHONE).await;
    browser.use_fingers().await;
    browser.reload().await;
    until_list_is(&browser, &many).await;
    let handle = browser.middle(".todo:nth-child(3) .handle").await;
    let first = browser.middle(".todo").await.down(-8.0);
    browser.touch("touchStart", &[handle]).await;
    browser.wait_for(HELD).await;
    // A second finger does not grab a second row.
    let other = browser.middle(".todo:nth-child(5) .handle").await;
    browser.touch("touchStart", &[handle, other]).await;
    for at in [handle.down(-20.0), first] {
        browser.touch("touchMove", &[at, other]).await;
    }
    let moved = "document.querySelector('.todo .title').textContent === 'todo 2'";
    browser.wait_for(moved).await;
    let held = "return document.querySelectorAll('.dragged').length";
    assert_eq!(browser.run(held).await, 1);
    assert_eq!(browser.run("return scrollY").await, 0);
    browser.touch("touchEnd", &[]).await;
    browser.wait_for(FREE).await;
    browser.wait_for("localStorage.length === 0").await;
    assert_eq!(
        titles(&server.client).await[..3],
        ["todo 2", "todo 0", "todo 1"]
    );

    let title = browser.middle(".todo:nth-child(8) .title").await;
    browser.touch("touchStart", &[title]).await;
    for step in 1..8 {
        let up = title.down(-30.0 * f64::from(step));
        browser.touch("touchMove", &[up]).await;
    }
    browser.touch("touchEnd", &[]).await;
    browser.wait_for("scrollY > 50").await;
    assert_eq!(browser.run(&format!("return {FREE}")).await, true);
    assert_eq!(
        titles(&server.client).await[..3],
        ["todo 2", "todo 0", "todo 1"]
    );
    drop(browser);
    server.stop().await;
}
