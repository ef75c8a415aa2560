//! Changes by other windows and by the API, and a service that does not answer.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;

use super::{ESCAPE, SENT, add, add_all, again, open, titles, until_list_is, write};
use crate::browser::ENTER;
use crate::server::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_windows_and_the_api_see_each_other() {
    let server = Server::start().await;
    let Some(one) = open(&server).await else {
        return;
    };
    let Some(other) = open(&server).await else {
        return;
    };
    write(&one, "from one").await;
    until_list_is(&other, &["from one"]).await;
    other.click(".toggle").await;
    until_list_is(&one, &["from one x"]).await;
    let todo = add(&server.client, json!({ "title": "from the API" })).await;
    until_list_is(&one, &["from one x", "from the API"]).await;
    let url = todo["url"].as_str().unwrap();
    server.client.delete(url).await.expect(204);
    until_list_is(&one, &["from one x"]).await;
    until_list_is(&other, &["from one x"]).await;
    drop((one, other));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_while_the_service_is_away_is_kept_and_sent() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    let server = Server::on(database.clone()).await;
    add_all(&server.client, &["before"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    until_list_is(&browser, &["before"]).await;
    let address: SocketAddr = server.client.address.parse().unwrap();
    server.stop().await;
    write(&browser, "meanwhile").await;
    until_list_is(&browser, &["before", "meanwhile ?"]).await;
    browser.click("[aria-label='Done: before']").await;
    browser
        .wait_for("!document.querySelector('#away').hidden && document.querySelector('#away').innerText.includes('2 changes')")
        .await;
    browser.screenshot("web-away-1280-light").await;
    browser
        .click("[aria-label^='Notes'][aria-label$='meanwhile']")
        .await;
    browser.click(".new-item").await;
    for step in ["one", "two"] {
        browser.press(step).await;
        browser.press(ENTER).await;
    }
    browser.press(ESCAPE).await;
    let server = again(database, address.port()).await;
    until_list_is(&browser, &["before x", "meanwhile"]).await;
    browser
        .wait_for("document.querySelector('#away').hidden")
        .await;
    browser.wait_for("localStorage.length === 0").await;
    assert_eq!(titles(&server.client).await, ["before", "meanwhile"]);
    let items = server.client.get("/items").await.json();
    let steps: Vec<_> = items["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["title"])
        .collect();
    assert_eq!(steps, ["one", "two"]);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_closed_window_has_left_another_sends() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    let server = Server::on(database.clone()).await;
    add_all(&server.client, &["before"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.run("window.other = open('/')").await;
    browser
        .wait_for("window.other.document.querySelector('.todo') !== null")
        .await;
    let address: SocketAddr = server.client.address.parse().unwrap();
    server.stop().await;
    let add = "const page = window.other.document;
        page.querySelector('.new-todo').value = 'from the other';
        page.querySelector('.add').requestSubmit();";
    browser.run(add).await;
    browser.wait_for("localStorage.length === 1").await;
    until_list_is(&browser, &["before"]).await;
    browser.run("window.other.close()").await;
    until_list_is(&browser, &["before", "from the other ?"]).await;
    let server = again(database, address.port()).await;
    until_list_is(&browser, &["before", "from the other"]).await;
    browser.wait_for("localStorage.length === 0").await;
    assert_eq!(titles(&server.client).await, ["before", "from the other"]);
    drop(browser);
    server.stop().await;
}

/// A browser opens at most six connections to one service.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_number_of_windows_share_one_stream() {
    let server = Server::start().await;
    add_all(&server.client, &["before"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let windows = "window.others = Array.from({ length: 8 }, () => open('/'))";
    browser.run(windows).await;
    let ready = "window.others.every((other) => other.document.readyState === 'complete')";
    browser.wait_for(ready).await;
    let write = "for (const { document } of window.others) {
        document.querySelector('.new-todo').value = 'from another';
        document.querySelector('.add').requestSubmit();
    }";
    browser.run(write).await;
    let all_are_there = async {
        while titles(&server.client).await.len() < 9 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all_are_there)
        .await
        .unwrap();
    browser
        .run("window.others.forEach((other) => other.close())")
        .await;
    browser
        .wait_for("document.querySelectorAll('.todo').length === 9")
        .await;
    // The window with the stream leaves the page, and comes back.
    browser.go(&server.client.url("/lab")).await;
    browser.go(&server.client.url("/")).await;
    browser
        .wait_for("document.querySelectorAll('.todo').length === 9")
        .await;
    add(&server.client, json!({ "title": "from the API" })).await;
    browser
        .wait_for("document.querySelectorAll('.todo').length === 10")
        .await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_was_lost_undoes_nothing_that_another_has_done_since() {
    let server = Server::start().await;
    let Some(browser) = open(&server).await else {
        return;
    };
    // The first answer to each PUT is lost, in one of two ways.
    let lossy = "const real = window.fetch;
        const seen = new Set();
        window.fetch = async (path, options) => {
          const answer = await real(path, options);
          if (options.method !== 'PUT' || seen.has(path)) return answer;
          seen.add(path);
          if (seen.size % 2) throw new TypeError('the connection was lost');
          return new Response('{\"id', { status: 201 });
        };";
    browser.run(lossy).await;
    for title in ["milk", "bread", "salt"] {
        write(&browser, title).await;
    }
    let todos = async {
        loop {
            let todos = server.client.get("/todos").await.json();
            if todos.as_array().unwrap().len() == 3 {
                return todos;
            }
        }
    };
    let todos = todos.await;
    let url = |n: usize| todos[n]["url"].as_str().unwrap();
    let better = json!({ "title": "oat milk", "completed": true });
    server.client.patch(url(0), &better).await.expect(200);
    server.client.patch(url(1), &better).await.expect(200);
    server.client.delete(url(2)).await.expect(204);
    browser.wait_for(SENT).await;
    until_list_is(&browser, &["oat milk x", "oat milk x"]).await;
    let parked = "document.querySelector('#parked').innerText.includes('salt')";
    browser.wait_for(parked).await;
    assert_eq!(titles(&server.client).await, ["oat milk", "oat milk"]);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_never_opens_is_opened_anew() {
    let server = Server::start().await;
    // The first stream gets no answer. The timeout of twenty seconds is shortened to a tenth of a
    // second.
    let silent = "const Real = window.EventSource, later = window.setTimeout;
        let streams = 0;
        class Silent extends EventTarget { readyState = 0; close() {} }
        window.EventSource = new Proxy(Real, {
          construct: (_, [url]) => ((streams += 1) === 1 ? new Silent() : new Real(url)),
        });
        window.setTimeout = (act, ms) => later(act, ms === 20_000 ? 100 : ms);";
    let Some(browser) = super::open_with(&server, silent).await else {
        return;
    };
    browser
        .wait_for("!document.querySelector('#empty').hidden")
        .await;
    add(&server.client, json!({ "title": "from the API" })).await;
    until_list_is(&browser, &["from the API"]).await;
    drop(browser);
    server.stop().await;
}
