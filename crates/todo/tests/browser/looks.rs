//! How the ledger looks, light and dark, wide and narrow. The pictures in `target/tmp/screenshots`
//! are for people.

use serde::Deserialize;

use crate::browser::{Browser, DESKTOP, PHONE, Theme};
use crate::traffic::{keep_asking, service, some_of_everything};

/// A text colour and its background, with a piece of text in these colours.
#[derive(Debug, Deserialize)]
struct Pair {
    colors: String,
    text: String,
    ratio: f64,
}

const CONTRAST: &str = include_str!("contrast.js");
/// The lowest contrast that WCAG 2.2 allows at level AA.
const CONTRAST_MIN: f64 = 4.5;

pub(crate) async fn check_contrast(browser: &Browser) {
    let pairs: Vec<Pair> = serde_json::from_value(browser.run(CONTRAST).await).unwrap();
    assert!(pairs.len() > 2, "{pairs:#?}");
    for Pair {
        colors,
        text,
        ratio,
    } in pairs
    {
        assert!(ratio >= CONTRAST_MIN, "{ratio:.2}: {colors}: {text:?}");
    }
}

pub(crate) async fn check_width(browser: &Browser) {
    let wide = "const { scrollWidth } = document.documentElement;
        const [name, node] = [(e) => `${e.tagName}.${e.getAttribute('class')}`, document.body];
        const out = [...node.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1);
        return scrollWidth > innerWidth ? [scrollWidth, innerWidth, ...out.map(name)] : null;";
    let wide = browser.run(wide).await;
    assert!(wide.is_null(), "it scrolls sideways: {wide}");
}

async fn background(browser: &Browser) -> String {
    let color = "return getComputedStyle(document.documentElement).backgroundColor";
    browser.run(color).await.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ledger_can_be_read_in_light_and_dark_on_a_desk_and_on_a_phone() {
    let folder = tempfile::tempdir().unwrap();
    let server = service(&folder).await;
    some_of_everything(&server.client).await;
    let traffic = keep_asking(&server.client);
    let page = server.client.url("/_sabr");
    let Some(browser) = Browser::open(&page, DESKTOP, Theme::Light).await else {
        return;
    };
    // A verdict other than "too early" needs some requests, and a rate needs two snapshots.
    browser
        .wait_for("document.querySelectorAll('.card.good, .card.advice, .card.problem').length > 1")
        .await;
    browser
        .wait_for("document.querySelector('#flow').innerText.includes('a second')")
        .await;
    let light = background(&browser).await;
    check_contrast(&browser).await;
    browser.screenshot("ledger-1280-light").await;

    browser.prefer(Theme::Dark).await;
    assert_ne!(background(&browser).await, light);
    check_contrast(&browser).await;
    browser.screenshot("ledger-1280-dark").await;

    browser.resize(PHONE).await;
    browser.prefer(Theme::Light).await;
    browser.reload().await;
    browser
        .wait_for("document.querySelector('#flow').innerText.includes('a second')")
        .await;
    check_width(&browser).await;
    browser.screenshot("ledger-390-light").await;
    drop((traffic, browser));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endpoint_can_be_read_in_light_and_dark_on_a_desk_and_on_a_phone() {
    let folder = tempfile::tempdir().unwrap();
    let server = service(&folder).await;
    some_of_everything(&server.client).await;
    let traffic = keep_asking(&server.client);
    let page = server.client.url("/_sabr#GET%20/todos");
    let Some(browser) = Browser::open(&page, DESKTOP, Theme::Light).await else {
        return;
    };
    browser
        .wait_for("document.querySelector('#endpoint .verdictbox:is(.good, .advice, .problem)')")
        .await;
    browser
        .wait_for("!document.querySelector('#endpoint .numbers').innerText.includes('–')")
        .await;
    browser
        .run(
            "for (const details of document.querySelectorAll('.kept details')) details.open = true",
        )
        .await;
    for theme in [Theme::Light, Theme::Dark] {
        browser.prefer(theme).await;
        check_contrast(&browser).await;
    }
    browser.resize(PHONE).await;
    check_width(&browser).await;
    browser
        .run("for (const details of document.querySelectorAll('details')) details.open = false")
        .await;
    browser.screenshot("endpoint-390-dark").await;
    browser.resize(DESKTOP).await;
    browser.prefer(Theme::Light).await;
    browser.screenshot("endpoint-1280-light").await;
    drop((traffic, browser));
    server.stop().await;
}
