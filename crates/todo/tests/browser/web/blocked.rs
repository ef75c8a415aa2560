//! A browser that blocks features that the page needs, and a service that is slow or does not
//! answer at first.

use std::time::Duration;

use super::{SENT, SWITCH, add_all, open, open_with, titles, until_list_is, until_seen, write};
use crate::browser::Browser;
use crate::looks::check_contrast;
use crate::server::{Server, config};

/// The features that browsers may refuse, each with a script that simulates it.
const REFUSALS: [(&str, &str); 6] = [
    (
        "no locks",
        "Object.defineProperty(navigator, 'locks', { value: undefined });",
    ),
    (
        "locks refuse",
        "navigator.locks.request = () => Promise.reject(new DOMException('no', 'SecurityError'));",
    ),
    ("no channel", "delete window.BroadcastChannel;"),
    (
        "the channel refuses",
        "window.BroadcastChannel = class { constructor() { throw new DOMException('no', 'SecurityError'); } };",
    ),
    (
        "storage refuses",
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });",
    ),
    (
        "storage is full",
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };",
    ),
];

async fn until_titles_are(browser: &Browser, all: &[String]) {
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    until_list_is(browser, &all).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_works_where_the_browser_refuses_and_says_what_does_not() {
    let server = Server::start().await;
    let mut all = vec!["before".to_owned()];
    add_all(&server.client, &["before"]).await;
    for (refusal, script) in REFUSALS {
        let Some(browser) = open_with(&server, script).await else {
            return;
        };
        until_titles_are(&browser, &all).await;
        all.push(refusal.to_owned());
        write(&browser, refusal).await;
        browser
            .wait_for("!document.querySelector('.pending')")
            .await;
        assert_eq!(titles(&server.client).await, all);
        all.push(format!("{refusal}, from elsewhere"));
        add_all(&server.client, &[all.last().unwrap()]).await;
        until_titles_are(&browser, &all).await;
        if refusal.contains("storage") {
            until_seen(&browser, "#unkept", "not kept if you close this page").await;
            check_contrast(&browser).await;
            browser.screenshot("web-unkept-1280-light").await;
        } else {
            browser.wait_for(SENT).await;
        }
        assert_eq!(
            browser.complaints().await,
            Vec::<String>::new(),
            "{refusal}"
        );
    }
    server.stop().await;
}

/// Storage that is nearly full takes small values and refuses large ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_value_that_is_stored_does_not_end_the_warning_about_a_large_one() {
    let server = Server::start().await;
    let full = "const set = Storage.prototype.setItem;
        Storage.prototype.setItem = function (name, value) {
          if (value.includes('large')) throw new DOMException('full', 'QuotaExceededError');
          set.call(this, name, value);
        };";
    let Some(browser) = open_with(&server, &format!("{SWITCH} {full}")).await else {
        return;
    };
    until_list_is(&browser, &[]).await;
    browser.run("window.down = true").await;
    write(&browser, "large").await;
    until_seen(&browser, "#unkept", "not kept if you close this page").await;
    browser.press("small").await;
    browser
        .wait_for("Object.keys(localStorage).some((name) => name.startsWith('todo.drafts.'))")
        .await;
    // A change of another client makes the page draw again.
    add_all(&server.client, &["elsewhere"]).await;
    browser
        .wait_for("document.querySelectorAll('.todo').length === 2")
        .await;
    let warned = "const event = new Event('beforeunload', { cancelable: true });
        dispatchEvent(event);
        return event.defaultPrevented && !document.querySelector('#unkept').hidden";
    assert_eq!(browser.run(warned).await, true);
    browser.run("window.down = false").await;
    browser
        .wait_for("document.querySelector('#unkept').hidden")
        .await;
    drop(browser);
    server.stop().await;
}

/// A script that makes every request fail while `window.down` is set. It is set at first.
const AWAY_AT_FIRST: &str = "window.down = true;
    const real = window.fetch;
    window.fetch = (...what) => window.down ? Promise.reject(new TypeError('away')) : real(...what);";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_load_that_fails_says_so_and_goes_on_by_itself_or_by_a_button() {
    let server = Server::start().await;
    add_all(&server.client, &["milk"]).await;
    let Some(browser) = open_with(&server, AWAY_AT_FIRST).await else {
        return;
    };
    until_seen(&browser, "#loading", "can't be loaded").await;
    browser
        .wait_for("getComputedStyle(document.querySelector('#loading')).opacity === '1'")
        .await;
    check_contrast(&browser).await;
    browser.screenshot("web-not-loaded-1280-light").await;
    browser.run("window.down = false").await;
    until_list_is(&browser, &["milk"]).await;
    browser
        .wait_for("document.querySelector('#loading').hidden")
        .await;
    browser.reload().await;
    until_seen(&browser, "#loading button", "Try now").await;
    browser.run("window.down = false").await;
    browser.click("#loading button").await;
    until_list_is(&browser, &["milk"]).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_first_load_shows_that_and_asks_for_the_list_and_the_events_at_once() {
    let server = Server::with(todo::service::Config {
        db_delay: Duration::from_secs(1),
        ..config()
    })
    .await;
    add_all(&server.client, &["milk"]).await;
    let watch = "window.asked = [];
        const real = window.fetch;
        window.fetch = async (...what) => {
          window.asked.push('list');
          const answer = await real(...what);
          window.asked.push('answer');
          return answer;
        };
        const Real = window.EventSource;
        window.EventSource = class extends Real {
          constructor(path) { super(path), window.asked.push('events'); }
        };";
    let Some(browser) = open_with(&server, watch).await else {
        return;
    };
    browser
        .wait_for("getComputedStyle(document.querySelector('#loading')).opacity === '1'")
        .await;
    check_contrast(&browser).await;
    browser.screenshot("web-loading-1280-light").await;
    browser.wait_for("window.asked.includes('answer')").await;
    let asked = browser
        .run("return window.asked.slice(0, 3).sort().join()")
        .await;
    assert_eq!(asked, "answer,events,list");
    until_list_is(&browser, &["milk"]).await;
    browser
        .wait_for("document.querySelector('#loading').hidden")
        .await;
    drop(browser);
    server.stop().await;
}

/// Neither the list nor the stream has a change that was made after the list was read and before
/// the stream started.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changes_between_the_list_and_the_stream_is_not_lost() {
    let server = Server::start().await;
    let held = "const Real = window.EventSource;
        window.EventSource = function (path) {
          const held = new EventTarget();
          window.begin = () => {
            const source = new Real(path);
            for (const name of ['reset', 'open', 'error', 'todo.created']) {
              source.addEventListener(name, (event) => held.dispatchEvent(new MessageEvent(name, { data: event.data })));
            }
          };
          return held;
        };";
    let Some(browser) = open_with(&server, held).await else {
        return;
    };
    browser
        .wait_for("!document.querySelector('#empty').hidden")
        .await;
    add_all(&server.client, &["between"]).await;
    browser.run("window.begin()").await;
    until_list_is(&browser, &["between"]).await;
    drop(browser);
    let Some(browser) = open(&server).await else {
        return;
    };
    until_list_is(&browser, &["between"]).await;
    drop(browser);
    server.stop().await;
}
