//! The wall clock of the browser or the service is set while the page is open.

use serde_json::json;

use super::{SENT, SWITCH, add_all, open_with, titles, until_list_is, write};
use crate::browser::Browser;
use crate::server::Server;

/// A script that sets the clock by `window.shift` milliseconds.
const CLOCK: &str = "window.shift = 0;
    const RealDate = Date;
    window.Date = class extends RealDate {
      constructor(...at) { super(...(at.length ? at : [RealDate.now() + window.shift])); }
      static now() { return RealDate.now() + window.shift; }
    };";
const HOUR_MS: i64 = 3_600_000;

async fn open(server: &Server) -> Option<Browser> {
    open_with(server, &format!("{CLOCK}{SWITCH}")).await
}

async fn set_clock(browser: &Browser, by_ms: i64) {
    browser.run(&format!("window.shift += {by_ms}")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_sent_whatever_the_clock_says() {
    let server = Server::start().await;
    add_all(&server.client, &["before"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    until_list_is(&browser, &["before"]).await;
    let mut all = vec!["before".to_owned()];
    for by_ms in [-HOUR_MS, HOUR_MS] {
        browser.run("window.down = true").await;
        all.push(format!("at {by_ms}"));
        write(&browser, all.last().unwrap()).await;
        browser
            .wait_for("!document.querySelector('#away').hidden")
            .await;
        set_clock(&browser, by_ms).await;
        all.push(format!("after {by_ms}"));
        write(&browser, all.last().unwrap()).await;
        // The page also shows that the change is not sent yet.
        browser
            .wait_for("document.body.classList.contains('late')")
            .await;
        browser.run("window.down = false").await;
        browser.wait_for(SENT).await;
        assert_eq!(titles(&server.client).await, all);
    }
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_is_sent_when_the_clock_goes_back() {
    let server = Server::start().await;
    add_all(&server.client, &["keep", "drop"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click("[aria-label='Delete drop']").await;
    set_clock(&browser, -HOUR_MS).await;
    browser.wait_for(SENT).await;
    assert_eq!(titles(&server.client).await, ["keep"]);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_overdue_or_of_unknown_age_is_sent_after_a_reload() {
    let server = Server::start().await;
    add_all(&server.client, &["keep", "drop"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    until_list_is(&browser, &["keep", "drop"]).await;
    // The ops are stored by a window whose clock is an hour ahead.
    browser.run("window.down = true").await;
    set_clock(&browser, HOUR_MS).await;
    browser.click("[aria-label='Delete drop']").await;
    write(&browser, "add").await;
    until_list_is(&browser, &["keep", "add ?"]).await;
    browser.wait_for(&format!("!({SENT})")).await;
    browser.reload().await;
    until_list_is(&browser, &["keep", "add"]).await;
    browser.wait_for(SENT).await;
    assert_eq!(titles(&server.client).await, ["keep", "add"]);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retry_after_is_counted_as_time_that_passes() {
    let server = Server::start().await;
    let busy = "window.tries = [];
        const ask = window.fetch;
        window.fetch = (path, options) => {
          if (options.method !== 'PUT' || window.tries.push(performance.now()) > 1) return ask(path, options);
          return Promise.resolve(new Response('{}', { status: 503, headers: { 'retry-after': '2' } }));
        };";
    let Some(browser) = open_with(&server, &format!("{CLOCK}{busy}")).await else {
        return;
    };
    write(&browser, "milk").await;
    browser.wait_for("window.tries.length === 1").await;
    set_clock(&browser, -HOUR_MS).await;
    browser.wait_for(SENT).await;
    let waited = browser
        .run("return window.tries[1] - window.tries[0]")
        .await;
    assert!(waited.as_f64().unwrap() >= 2000.0, "{waited}");
    drop(browser);
    server.stop().await;
}

/// The clock of the service is set back, so later answers have earlier times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_counts_even_if_its_time_is_earlier() {
    let server = Server::start().await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let script = "import('/web/known.js').then(({ Known }) => {
        const known = new Known();
        const at = (updated_at, title) => ({ id: 'a', title, updated_at });
        const seen = [];
        const note = () => seen.push(known.get('a').title);
        known.put(at('2026-01-01T12:00:00.000Z', 'first')), note();
        known.put(at('2026-01-01T11:00:00.000Z', 'after the clock went back')), note();
        known.answer(at('2026-01-01T11:00:02.000Z', 'answer')), note();
        known.put(at('2026-01-01T11:00:01.000Z', 'event before the answer')), note();
        known.put(at('2026-01-01T11:00:02.000Z', 'event of the answer')), note();
        known.put(at('2026-01-01T10:00:00.000Z', 'back again')), note();
        window.seen = seen;
      })";
    browser.run(script).await;
    let seen = browser.wait_for("window.seen").await;
    let wanted = json!([
        "first",
        "after the clock went back",
        "answer",
        "answer",
        "event of the answer",
        "back again"
    ]);
    assert_eq!(seen, wanted);
    drop(browser);
    server.stop().await;
}
