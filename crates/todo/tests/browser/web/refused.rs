//! Changes that the service refuses.

use serde_json::json;

use super::{
    SENT, SWITCH, add, open_with, press_button, titles, until_list_is, until_seen, url, write,
};
use crate::browser::{Browser, DESKTOP, ENTER, PHONE, TAB, Theme};
use crate::looks::{check_contrast, check_width};
use crate::server::Server;

/// A script that makes every change fail with the status in `window.refusal`.
const REFUSING: &str = "window.refusal = 0;
    const real = window.fetch;
    window.fetch = (path, options) => {
      if (!window.refusal || options.method === 'GET') return real(path, options);
      const problem = { title: 'Refused', detail: `no ${window.refusal} today` };
      return Promise.resolve(new Response(JSON.stringify(problem), { status: window.refusal }));
    };";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_is_parked_with_its_words_until_it_is_sent_or_discarded() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "before" })).await;
    let Some(browser) = open_with(&server, REFUSING).await else {
        return;
    };
    until_list_is(&browser, &["before"]).await;
    for (status, title) in [(413, "one"), (422, "two"), (409, "three")] {
        browser.run(&format!("window.refusal = {status}")).await;
        write(&browser, title).await;
        until_seen(&browser, "#parked", title).await;
        until_seen(&browser, "#parked", &format!("no {status} today")).await;
    }
    browser.run("window.refusal = 412").await;
    browser.click(".toggle").await;
    until_seen(&browser, "#parked", "Change of “before”").await;
    until_seen(&browser, "#parked h2", "4 changes were not saved").await;
    until_list_is(&browser, &["before"]).await;
    for (size, name) in [(DESKTOP, "1280"), (PHONE, "390")] {
        browser.resize(size).await;
        for (theme, of) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            browser.prefer(theme).await;
            browser.reload().await;
            until_seen(&browser, "#parked h2", "4 changes were not saved").await;
            until_list_is(&browser, &["before"]).await;
            check_contrast(&browser).await;
            check_width(&browser).await;
            browser.screenshot(&format!("web-parked-{name}-{of}")).await;
        }
    }
    // With the keyboard only: the focus passes the first text and then reaches its choices.
    browser.click(".new-todo").await;
    let focused = "return document.activeElement.textContent";
    while browser.run(focused).await != "Try again" {
        browser.press(TAB).await;
    }
    browser.press(ENTER).await;
    until_list_is(&browser, &["before", "one"]).await;
    until_seen(&browser, "#parked h2", "3 changes were not saved").await;
    let discard = "[...document.querySelectorAll('#parked button')].find((one) => one.textContent === 'Discard').click()";
    for left in (0..3).rev() {
        browser.run(discard).await;
        browser
            .wait_for(&format!(
                "document.querySelectorAll('#parked li').length === {left}"
            ))
            .await;
    }
    browser
        .wait_for("document.querySelector('#parked').hidden && localStorage.length === 0")
        .await;
    assert_eq!(titles(&server.client).await, ["before", "one"]);
    let before = server.client.get(url(&todo)).await.json();
    assert_eq!(before["completed"], json!(false));
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_todo_that_is_refused_takes_its_steps_along() {
    let server = Server::start().await;
    let Some(browser) = open_with(&server, REFUSING).await else {
        return;
    };
    browser
        .wait_for("!document.querySelector('#empty').hidden")
        .await;
    browser.run("window.refusal = 503").await;
    write(&browser, "shopping").await;
    browser.click(".open").await;
    browser.click(".new-item").await;
    browser.press("milk").await;
    browser.press(ENTER).await;
    browser.run("window.refusal = 422").await;
    until_seen(&browser, "#parked", "milk").await;
    until_seen(&browser, "#parked h2", "One change was not saved").await;
    browser.run("window.refusal = 0").await;
    browser
        .run("document.querySelector('#parked button').click()")
        .await;
    until_list_is(&browser, &["shopping"]).await;
    browser.wait_for(SENT).await;
    let items = server.client.get("/items").await.json();
    assert_eq!(items["items"][0]["title"], "milk");
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_page_can_not_take_stays_in_its_field() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "before" })).await;
    let Some(browser) = open_with(&server, SWITCH).await else {
        return;
    };
    until_list_is(&browser, &["before"]).await;
    // A window has ended and left as many ops as an outbox can hold.
    let left = format!(
        "const op = (n) => ({{ key: `item:${{n}}`, method: 'PATCH', path: `/items/${{n}}`, body: {{}} }});
        window.down = true;
        const ops = Array.from({{ length: 20000 }}, (_, n) => op(n));
        const frame = document.createElement('iframe');
        document.body.append(frame);
        frame.contentWindow.localStorage.setItem('todo.outbox.{}', JSON.stringify(ops));
        frame.remove();",
        url(&todo).rsplit('/').next().unwrap()
    );
    browser.run(&left).await;
    until_seen(&browser, "#away", "20,000 changes").await;
    write(&browser, "one more").await;
    until_seen(&browser, "#hint", "Too many changes are waiting").await;
    let field = "return document.querySelector('.new-todo').value";
    assert_eq!(browser.run(field).await, "one more");
    browser.click(".title").await;
    browser.press(ENTER).await;
    browser.press(" and after").await;
    browser.press(ENTER).await;
    let field = "return document.querySelector('.editing .edit').value";
    assert_eq!(browser.run(field).await, "before and after");
    drop(browser);
    server.stop().await;
}

/// Clicks twice on the middle of the first element, as fast as a person can.
pub(super) async fn double_click(browser: &Browser, selector: &str) {
    let at = browser.middle(selector).await;
    for count in [1, 2] {
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({
                "type": kind, "x": at.x, "y": at.y, "button": "left", "clickCount": count,
            });
            browser.devtools("Input.dispatchMouseEvent", event).await;
        }
        // Waits for a frame, so that the list has moved up before the second click.
        browser
            .run("return new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_double_click_decides_about_one_entry() {
    let server = Server::start().await;
    let Some(browser) = open_with(&server, REFUSING).await else {
        return;
    };
    until_list_is(&browser, &[]).await;
    browser.run("window.refusal = 422").await;
    for title in ["one", "two", "three", "four"] {
        write(&browser, title).await;
        until_seen(&browser, "#parked", title).await;
    }
    double_click(&browser, "#parked .choices button:last-child").await;
    until_seen(&browser, "#parked h2", "3 changes were not saved").await;
    until_seen(&browser, "#parked", "two").await;
    browser.run("window.refusal = 0").await;
    double_click(&browser, "#parked .choices button").await;
    until_seen(&browser, "#parked h2", "2 changes were not saved").await;
    until_list_is(&browser, &["two"]).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_discarded_change_can_be_had_back() {
    let server = Server::start().await;
    let Some(browser) = open_with(&server, REFUSING).await else {
        return;
    };
    browser
        .wait_for("!document.querySelector('#empty').hidden")
        .await;
    browser.run("window.refusal = 422").await;
    write(&browser, "precious").await;
    until_seen(&browser, "#parked", "precious").await;
    press_button(&browser, "#parked", "Discard").await;
    browser
        .wait_for("document.querySelector('#parked').hidden")
        .await;
    press_button(&browser, "#toast", "Undo").await;
    until_seen(&browser, "#parked", "precious").await;
    browser.run("window.refusal = 0").await;
    press_button(&browser, "#parked", "Try again").await;
    until_list_is(&browser, &["precious"]).await;
    drop(browser);
    server.stop().await;
}
