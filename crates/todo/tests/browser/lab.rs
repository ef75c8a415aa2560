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
    let pages = [
        ("/", "Todo"),
        ("/lab", "Lab"),
        ("/_sabr", "Waits"),
        ("/docs", "API"),
    ];
    let looks = "return JSON.stringify([...document.querySelectorAll('nav[aria-label=Pages] a')].map((link) => {
        const { left, top, height } = link.getBoundingClientRect();
        return [link.textContent, link.getAttribute('href'), left < innerWidth / 2, top, height];
    }))";
    let mut first = None;
    for (path, here) in pages {
        browser.go(&server.client.url(path)).await;
        browser.wait_for("document.readyState === 'complete'").await;
        let links = browser.run(looks).await;
        assert_eq!(&links, first.get_or_insert_with(|| links.clone()), "{path}");
        for (path, name) in pages {
            assert!(
                links
                    .as_str()
                    .unwrap()
                    .contains(&format!("[\"{name}\",\"{path}\""))
            );
        }
        let current = "return document.querySelector('nav [aria-current=page]').textContent";
        assert_eq!(browser.run(current).await, here);
    }
    drop(browser);
    server.stop().await;
}

/// A part may be announced before the one above it has ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_is_drawn_beneath_its_own_part() {
    let server = Server::start().await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let script = "const { Timeline } = await import('/lab/page/timeline.js');
        const root = document.querySelector('.timeline');
        const timeline = new Timeline(root);
        timeline.clear(1);
        timeline.tell({ event: 'part', part: 0, name: 'first' });
        timeline.tell({ event: 'part', part: 1, name: 'second' });
        timeline.tell({ event: 'track', part: 0, track: 0, name: 'of the first' });
        timeline.tell({ event: 'track', part: 1, track: 0, name: 'of the second' });
        return [...root.querySelectorAll('h3, .name')].map((part) => part.textContent).join();";
    let drawn = browser
        .run(&format!("return (async () => {{ {script} }})()"))
        .await;
    assert_eq!(drawn, "first,of the first,second,of the second");
    drop(browser);
    server.stop().await;
}
