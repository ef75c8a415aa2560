//! The lab at `/lab`.

use crate::browser::{Browser, DESKTOP, PHONE, Theme};
use crate::looks::{check_contrast, check_width};
use crate::server::Server;

const DONE: &str =
    "document.querySelector('[data-experiment=sequence]').textContent.includes('Awaited together')";

async fn open(server: &Server) -> Option<Browser> {
    let browser = Browser::open(&server.client.url("/lab"), DESKTOP, Theme::Light).await?;
    browser
        .wait_for("document.querySelectorAll('.run').length === 6")
        .await;
    browser
        .run("document.querySelector('#scale').value = '0.1'")
        .await;
    Some(browser)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_experiment_draws_itself_and_ends_with_what_was_seen() {
    let server = Server::start().await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click("[data-experiment=sequence] .run").await;
    browser
        .wait_for("document.querySelectorAll('[data-experiment=sequence] svg rect').length > 0")
        .await;
    browser.wait_for(DONE).await;
    let said = browser
        .run("return document.querySelector('[data-experiment=sequence]').textContent")
        .await;
    let said = said.as_str().unwrap();
    assert!(said.contains("one after the other"), "{said}");
    assert!(said.contains("could overlap"), "{said}");
    browser.screenshot("lab-1280-light").await;
    for (size, theme, name) in [
        (DESKTOP, Theme::Light, None),
        (PHONE, Theme::Dark, Some("lab-390-dark")),
    ] {
        browser.resize(size).await;
        browser.prefer(theme).await;
        check_contrast(&browser).await;
        check_width(&browser).await;
        if let Some(name) = name {
            browser.screenshot(name).await;
        }
    }
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_answers_while_an_experiment_blocks() {
    let server = Server::start().await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click("[data-experiment=freeze] .run").await;
    let running = "document.querySelector('[data-experiment=freeze] svg rect')";
    browser.wait_for(running).await;
    let began = std::time::Instant::now();
    server.client.get("/todos").await.expect(200);
    assert!(began.elapsed().as_secs() < 5);
    browser
        .wait_for("document.querySelector('[data-experiment=freeze]').textContent.includes('held up everybody else')")
        .await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_pages_share_one_header() {
    let server = Server::start().await;
    let Some(browser) = open(&server).await else {
        return;
    };
    for (path, here) in [("/", "Todo"), ("/lab", "Lab"), ("/docs", "API")] {
        browser.go(&server.client.url(path)).await;
        let names =
            "[...document.querySelectorAll('nav a')].map((link) => link.textContent).join()";
        browser
            .wait_for(&format!("{names} === 'Todo,Lab,Waits,API'"))
            .await;
        let current = "return document.querySelector('[aria-current=page]').textContent";
        assert_eq!(browser.run(current).await, here);
    }
    browser.go(&server.client.url("/_sabr")).await;
    let links =
        "[...document.querySelectorAll('nav a')].map((link) => link.getAttribute('href')).join()";
    browser
        .wait_for(&format!("{links} === '/,/lab,/docs'"))
        .await;
    drop(browser);
    server.stop().await;
}
