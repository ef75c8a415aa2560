//! The side panel: notes and checklist.

use serde_json::json;

use super::{ESCAPE, add, open, until_list_is};
use crate::browser::{Browser, ENTER};
use crate::looks::check_contrast;
use crate::server::Server;

async fn until_steps_are(browser: &Browser, titles: &str) {
    let steps = "[...document.querySelectorAll('.items .what')].map((step) => step.value).join()";
    browser
        .wait_for(&format!("{steps} === {}", json!(titles)))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notes_and_a_checklist_are_kept_beside_a_todo() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "shopping" })).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".open").await;
    browser.click(".notes").await;
    browser.press("the shop closes at eight").await;
    browser.click(".new-item").await;
    for step in ["milk", "bread"] {
        browser.press(step).await;
        browser.press(ENTER).await;
    }
    until_steps_are(&browser, "milk,bread").await;
    browser.click("[aria-label='Done: milk']").await;
    browser
        .wait_for("document.querySelector('.items .done')")
        .await;
    browser.screenshot("web-panel-1280-light").await;
    check_contrast(&browser).await;
    browser.press(ESCAPE).await;
    browser
        .wait_for("document.querySelector('#panel').hidden")
        .await;
    browser
        .wait_for("document.querySelector('.has-notes')")
        .await;
    let url = todo["url"].as_str().unwrap();
    let todo = server.client.get(url).await.json();
    assert_eq!(todo["notes"], "the shop closes at eight");
    let items = server.client.get(&format!("{url}/items")).await.json();
    assert_eq!(items[0]["title"], "milk");
    assert_eq!(items[0]["completed"], true);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_types_is_not_disturbed_by_what_others_change() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "shopping" })).await;
    let items = format!("{}/items", todo["url"].as_str().unwrap());
    let step = json!({ "title": "milk" });
    server.client.post(&items, &step).await.expect(201);
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".open").await;
    browser.click(".items .what").await;
    browser.press("!").await;
    add(&server.client, json!({ "title": "from elsewhere" })).await;
    until_list_is(&browser, &["shopping", "from elsewhere"]).await;
    let typed = "return document.activeElement.value";
    assert_eq!(browser.run(typed).await, "milk!");
    browser.press(ENTER).await;
    browser
        .wait_for("document.querySelector('.items .what').value === 'milk!'")
        .await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_was_deleted_can_be_had_back() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "shopping" })).await;
    let items = format!("{}/items", todo["url"].as_str().unwrap());
    for title in ["milk", "bread"] {
        let step = json!({ "title": title });
        server.client.post(&items, &step).await.expect(201);
    }
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".open").await;
    browser.click("[aria-label='Delete milk']").await;
    until_steps_are(&browser, "bread").await;
    let focused = "return document.activeElement.getAttribute('aria-label')";
    assert_eq!(browser.run(focused).await, "Delete bread");
    browser.click(".undo").await;
    until_steps_are(&browser, "milk,bread").await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_has_changed_stays_where_nothing_was_typed() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "old", "notes": "old" })).await;
    let url = todo["url"].as_str().unwrap();
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".open").await;
    browser.click(".notes").await;
    let new = json!({ "title": "new", "notes": "new" });
    server.client.patch(url, &new).await.expect(200);
    browser
        .wait_for("document.querySelector('.notes').value === 'new'")
        .await;
    browser.press(ESCAPE).await;
    browser.press(ENTER).await;
    browser.wait_for("document.querySelector('.editing')").await;
    let newest = json!({ "title": "newest" });
    server.client.patch(url, &newest).await.expect(200);
    browser
        .wait_for("document.querySelector('.title').textContent === 'newest'")
        .await;
    browser.press(ENTER).await;
    until_list_is(&browser, &["newest"]).await;
    add(&server.client, json!({ "title": "later" })).await;
    until_list_is(&browser, &["newest", "later"]).await;
    let todo = server.client.get(url).await.json();
    assert_eq!(
        (&todo["title"], &todo["notes"]),
        (&json!("newest"), &json!("new"))
    );
    drop(browser);
    server.stop().await;
}
