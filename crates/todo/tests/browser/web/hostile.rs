//! Unusual content: hostile texts, long texts, and very many todos.

use serde_json::json;

use super::{add_all, open, until_list_is};
use crate::browser::ENTER;
use crate::server::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_markup_in_a_title_is_run_and_every_script_has_its_direction() {
    let server = Server::start().await;
    let hostile =
        "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>";
    add_all(&server.client, &[hostile, "لا تنس الخبز", "🥛 milk"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    until_list_is(&browser, &[hostile, "لا تنس الخبز", "🥛 milk"]).await;
    browser.click(".open").await;
    assert_eq!(browser.run("return document.title").await, "Todo");
    assert_eq!(
        browser
            .run("return document.querySelectorAll('main img, main script, aside img').length")
            .await,
        0
    );
    let direction = "return getComputedStyle(document.querySelectorAll('.title')[1]).direction";
    assert_eq!(browser.run(direction).await, "rtl");
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_megabyte_in_the_field_is_refused_in_words_and_not_lost() {
    let server = Server::start().await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".new-todo").await;
    browser
        .run("document.querySelector('.new-todo').value = 'x'.repeat(1 << 20)")
        .await;
    browser.press(ENTER).await;
    browser
        .wait_for("document.querySelector('#hint').innerText.includes('at most 500 characters; this has 1,048,576')")
        .await;
    let kept = "return document.querySelector('.new-todo').value.length";
    assert_eq!(browser.run(kept).await, 1 << 20);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_todos_can_be_scrolled_and_done_at_once() {
    let server = Server::start().await;
    let titles: Vec<_> = (0..10_000)
        .map(|n| json!({ "title": format!("todo {n}") }))
        .collect();
    for some in titles.chunks(500) {
        let created = some.iter().map(|body| server.client.post("/todos", body));
        futures_util::future::join_all(created).await;
    }
    let Some(browser) = open(&server).await else {
        return;
    };
    browser
        .wait_for("document.querySelectorAll('.todo').length === 10000")
        .await;
    // Measures how long each of a hundred scrolling steps delays the next frame. Only most of them
    // must be fast, because a busy machine may delay a few.
    let script = "(async () => {
            const steps = [];
            for (let last = performance.now(); steps.length < 100; ) {
              scrollBy(0, 2000);
              await new Promise(requestAnimationFrame);
              const now = performance.now();
              steps.push(now - last);
              last = now;
            }
            window.steps = steps.sort((one, other) => one - other);
          })()";
    browser.run(script).await;
    browser.wait_for("window.steps").await;
    let median = browser.run("return window.steps[50]").await;
    assert!(median.as_f64().unwrap() < 50.0, "{median} ms");
    browser
        .run("document.querySelector('#toggle-all').click()")
        .await;
    let left = "document.querySelector('.todo-count').innerText === '0 items left'";
    browser.wait_for(left).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_are_done_cleared_and_had_back_at_once() {
    let server = Server::start().await;
    let todos = (0..300).map(|n| json!({ "title": format!("todo {n}") }));
    let todos: Vec<_> = todos.collect();
    let created = todos.iter().map(|body| server.client.post("/todos", body));
    futures_util::future::join_all(created).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let count = async |n: usize| {
        let there = format!("document.querySelectorAll('.todo').length === {n}");
        browser.wait_for(&there).await;
    };
    count(300).await;
    browser.click("#toggle-all").await;
    browser.wait_for("localStorage.length === 0").await;
    let active = server.client.get("/todos?completed=false").await;
    assert_eq!(active.json(), json!([]));
    browser.click(".clear-completed").await;
    count(0).await;
    browser.click(".undo").await;
    count(300).await;
    drop(browser);
    server.stop().await;
}
