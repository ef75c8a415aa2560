//! The API reference prefills requests that can be sent unchanged.

use serde_json::{Value, json};

use crate::browser::{Browser, DESKTOP, Theme};
use crate::server::Server;

/// Opens the operation and sends it. Its section stays open.
async fn execute(browser: &Browser, id: &str) -> (Value, String) {
    let block = format!("[id$='-{id}']");
    browser
        .click(&format!("{block} .opblock-summary-control"))
        .await;
    let execute = format!("{block} .btn.execute");
    browser
        .wait_for(&format!("document.querySelector(\"{execute}\")"))
        .await;
    browser.click(&execute).await;
    let status = format!("{block} .live-responses-table .response .response-col_status");
    browser
        .wait_for(&format!("document.querySelector(\"{status}\")"))
        .await;
    let sent = format!(
        "const block = document.querySelector(\"{block}\"); \
         return [parseInt(block.querySelector('.live-responses-table .response .response-col_status').innerText), \
                 block.querySelector('.curl-command').innerText]"
    );
    let sent = browser.run(&sent).await;
    (sent[0].clone(), sent[1].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_reference_prefills_can_be_sent_as_it_is() {
    let server = Server::start().await;
    let page = server.client.url("/docs");
    let Some(browser) = Browser::open(&page, DESKTOP, Theme::Light).await else {
        return;
    };
    let blocks = "document.querySelectorAll('.opblock').length > 20";
    browser.wait_for(blocks).await;
    // One operation of each kind is enough, because another test sends all examples. The order
    // makes sure that each operation finds the objects that it needs.
    for (id, expected) in [
        ("replaceTodo", 201),
        ("changeTodo", 200),
        ("createItem", 201),
        ("listTodos", 200),
        ("login", 200),
    ] {
        let (status, sent) = execute(&browser, id).await;
        assert_eq!(status, json!(expected), "{id}: {sent}");
    }
    drop(browser);
    server.stop().await;
}
