//! One endpoint, opened from the ledger.

use serde_json::json;

use crate::browser::{Browser, DESKTOP, ENTER, TAB, Theme};
use crate::card::wait_for_requests;
use crate::traffic::{service, some_of_everything};

/// Waits until the page shows the figures of this endpoint.
async fn opened(browser: &Browser, name: &str) {
    let heading = "document.querySelector('#endpoint h1').ariaLabel";
    let drawn = "document.querySelectorAll('#endpoint .histogram .column').length > 0";
    browser
        .wait_for(&format!("{heading} === {} && {drawn}", json!(name)))
        .await;
}

async fn labels(browser: &Browser) -> String {
    let script = "const requests = [...document.querySelectorAll('#endpoint .keptlist')][0];
        return [...requests.querySelectorAll('.timeline .label')].map((label) => label.textContent).join('; ');";
    browser.run(script).await.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn click_opens_an_endpoint_and_back_returns() {
    let folder = tempfile::tempdir().unwrap();
    let server = service(&folder).await;
    let asked = some_of_everything(&server.client).await;
    let page = server.client.url("/_sabr");
    let Some(browser) = Browser::open(&page, DESKTOP, Theme::Light).await else {
        return;
    };
    wait_for_requests(&browser, "GET /todos", asked["GET /todos"]).await;
    for (name, label) in [("GET /todos", "db read"), ("POST /todos", "db write")] {
        browser.click(&format!("a[aria-label='{name}']")).await;
        opened(&browser, name).await;
        let spread = "return document.querySelector('.histogram').ariaLabel";
        let spread = browser.run(spread).await;
        assert!(
            spread
                .as_str()
                .unwrap()
                .contains("Half of the requests took at most"),
            "{spread}"
        );
        let said = browser
            .run("return document.querySelector('#endpoint').innerText")
            .await;
        assert!(
            said.as_str().unwrap().contains("The slowest requests"),
            "{said}"
        );
        let labels = labels(&browser).await;
        assert!(labels.contains(label), "{labels}");
        browser.back().await;
        browser
            .wait_for(
                "document.querySelector('#endpoint').hidden && document.querySelector('.card')",
            )
            .await;
    }
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keyboard_opens_an_endpoint_and_returns_to_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let server = service(&folder).await;
    let asked = some_of_everything(&server.client).await;
    let page = server.client.url("/_sabr");
    let Some(browser) = Browser::open(&page, DESKTOP, Theme::Light).await else {
        return;
    };
    wait_for_requests(&browser, "GET /todos", asked["GET /todos"]).await;
    let focused = "return document.activeElement.ariaLabel";
    let mut stops = 0;
    while browser.run(focused).await != "GET /todos" {
        browser.press(TAB).await;
        stops += 1;
        assert!(stops < 40, "Tab does not come to it");
    }
    browser.press(ENTER).await;
    opened(&browser, "GET /todos").await;
    browser
        .wait_for("document.activeElement.matches('#endpoint h1')")
        .await;
    // The link back is directly before the heading in the order of focus.
    browser.run("document.querySelector('.back').focus()").await;
    browser.press(ENTER).await;
    browser
        .wait_for("document.activeElement.ariaLabel === 'GET /todos' && document.activeElement.closest('.card')")
        .await;
    drop(browser);
    server.stop().await;
}
