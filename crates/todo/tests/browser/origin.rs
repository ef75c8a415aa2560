//! Checks that the pages load everything from the service, and cause no errors in the browser.

use serde_json::json;

use crate::browser::{Browser, DESKTOP, Theme};
use crate::traffic::{service, some_of_everything};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ledger_asks_nobody_but_the_service_and_gives_no_cause_for_complaint() {
    let folder = tempfile::tempdir().unwrap();
    let server = service(&folder).await;
    some_of_everything(&server.client).await;
    let page = server.client.url("/_sabr");
    let Some(browser) = Browser::open(&page, DESKTOP, Theme::Light).await else {
        return;
    };
    browser.click("a[aria-label='GET /todos']").await;
    browser
        .wait_for("document.querySelector('#endpoint .histogram')")
        .await;
    let asked = "return performance.getEntriesByType('resource').map(({ name }) => name)";
    let asked = browser.run(asked).await;
    let asked: Vec<_> = asked
        .as_array()
        .unwrap()
        .iter()
        .map(|url| url.as_str().unwrap())
        .collect();
    assert!(asked.len() > 8, "{asked:?}");
    let origin = server.client.url("/");
    let elsewhere: Vec<_> = asked
        .iter()
        .filter(|url| !url.starts_with(&origin) && !url.starts_with("data:"))
        .collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
    assert_eq!(json!(browser.complaints().await), json!([]));
    drop(browser);
    server.stop().await;
}
