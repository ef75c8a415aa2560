//! Changes by other clients whose events a page missed.

use serde_json::{Value, json};

use super::{SENT, add, open, until_list_is, until_seen, until_server, url};
use crate::browser::{Browser, DESKTOP, ENTER, Theme};
use crate::server::Server;

/// Types into the only step of the only todo, and waits until it is stored.
async fn type_into_step(server: &Server, browser: &Browser, step: &Value) {
    browser.click(".open").await;
    browser.click(".items .what").await;
    browser.press(" and honey").await;
    browser.press(ENTER).await;
    until_server(server, url(step), "title", json!("milk and honey")).await;
    browser.wait_for(SENT).await;
}

async fn todo_with_step(server: &Server) -> (Value, Value) {
    let todo = add(&server.client, json!({ "title": "shopping" })).await;
    let items = format!("{}/items", url(&todo));
    let step = json!({ "title": "milk" });
    let step = server.client.post(&items, &step).await.expect(201).json();
    (todo, step)
}

/// The person who deletes a todo may not have seen its latest words.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_stored_a_moment_before_its_todo_was_deleted_unseen_is_parked() {
    let server = Server::start().await;
    let (todo, step) = todo_with_step(&server).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    type_into_step(&server, &browser, &step).await;
    browser.go("about:blank").await;
    server.client.delete(url(&todo)).await.expect(204);
    browser.go(&server.client.url("/")).await;
    until_seen(&browser, "#parked", "milk and honey").await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_stored_a_moment_before_it_was_deleted_unseen_is_parked() {
    let server = Server::start().await;
    let (_, step) = todo_with_step(&server).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    type_into_step(&server, &browser, &step).await;
    browser.go("about:blank").await;
    server.client.delete(url(&step)).await.expect(204);
    browser.go(&server.client.url("/")).await;
    until_seen(&browser, "#parked", "milk and honey").await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_arrived_in_part_says_so() {
    let server = Server::start().await;
    let Some(browser) = Browser::open("about:blank", DESKTOP, Theme::Light).await else {
        return;
    };
    browser.devtools("Network.enable", json!({})).await;
    let blocked = json!({ "urls": ["*/web/outbox.js"] });
    browser.devtools("Network.setBlockedURLs", blocked).await;
    browser.go(&server.client.url("/")).await;
    // The message appears only after some seconds, so that it does not flash at each load. This
    // script skips that time.
    browser
        .run("document.getAnimations().forEach((one) => one.finish())")
        .await;
    until_seen(&browser, ".stuck", "Load it again").await;
    let unblocked = json!({ "urls": [] });
    browser.devtools("Network.setBlockedURLs", unblocked).await;
    browser.click(".stuck a").await;
    browser
        .wait_for("!document.querySelector('#empty').hidden")
        .await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_title_that_was_emptied_before_a_reload_is_as_it_was() {
    let server = Server::start().await;
    add(&server.client, json!({ "title": "milk" })).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let empty_and_leave = "document.querySelector('.title').dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
        const field = document.querySelector('.edit');
        field.value = '';
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        return Object.keys(localStorage).some((name) => name.startsWith('todo.drafts.'))";
    assert_eq!(browser.run(empty_and_leave).await, true);
    browser.reload().await;
    until_list_is(&browser, &["milk"]).await;
    browser.wait_for("localStorage.length === 0").await;
    assert_eq!(
        browser
            .run("return document.querySelector('#parked').hidden")
            .await,
        true
    );
    drop(browser);
    server.stop().await;
}
