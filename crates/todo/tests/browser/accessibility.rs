//! The ledger for people who do not see it, or do not see colours.

use crate::browser::{Browser, DESKTOP, Theme};
use crate::card::{cards, wait_for_requests};
use crate::traffic::{service, some_of_everything};

/// The controls of a page. Each needs an accessible name and a role.
const CONTROLS: &str = "a[href], button, input, select, summary, [tabindex='0']";

async fn check_names(browser: &Browser) {
    let controls = browser.names_and_roles(CONTROLS).await;
    assert!(controls.len() > 4, "{controls:?}");
    let nameless: Vec<_> = controls
        .iter()
        .filter(|(name, role)| name.trim().is_empty() || role == "generic" || role == "none")
        .collect();
    assert!(nameless.is_empty(), "{nameless:?} of {controls:?}");
}

/// Checks that the page has one first-level heading, and that no heading skips a level.
async fn check_headings(browser: &Browser) {
    let levels = "return [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
        .filter((heading) => heading.checkVisibility()).map((heading) => Number(heading.tagName[1]))";
    let levels: Vec<u32> = serde_json::from_value(browser.run(levels).await).unwrap();
    assert_eq!(levels.first(), Some(&1), "{levels:?}");
    assert_eq!(
        levels.iter().filter(|level| **level == 1).count(),
        1,
        "{levels:?}"
    );
    let skips = levels.windows(2).any(|pair| pair[1] > pair[0] + 1);
    assert!(!skips, "{levels:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_has_a_name_a_place_and_words() {
    let folder = tempfile::tempdir().unwrap();
    let server = service(&folder).await;
    let asked = some_of_everything(&server.client).await;
    let page = server.client.url("/_sabr");
    let Some(browser) = Browser::open(&page, DESKTOP, Theme::Light).await else {
        return;
    };
    wait_for_requests(&browser, "GET /todos", asked["GET /todos"]).await;
    check_names(&browser).await;
    check_headings(&browser).await;
    let language = browser.run("return document.documentElement.lang").await;
    assert_eq!(language, "en");
    let landmarks = browser
        .names_and_roles("header, nav, main, footer, #summary, #glance")
        .await;
    let roles: Vec<_> = landmarks.iter().map(|(_, role)| role.as_str()).collect();
    let expected = [
        "banner",
        "navigation",
        "main",
        "region",
        "region",
        "contentinfo",
    ];
    assert_eq!(roles, expected);
    for card in cards(&browser).await {
        assert!(card.verdict.chars().any(char::is_alphabetic), "{card:?}");
    }
    // Each picture has a label, or is hidden from screen readers because text beside it says the
    // same.
    let mute = "return [...document.querySelectorAll('svg')]
        .filter((svg) => svg.ariaHidden !== 'true' && !svg.ariaLabel).length";
    assert_eq!(browser.run(mute).await, 0);

    browser.click("a[aria-label='GET /todos']").await;
    browser
        .wait_for("document.querySelector('#endpoint .histogram')")
        .await;
    check_names(&browser).await;
    check_headings(&browser).await;
    assert_eq!(browser.run(mute).await, 0);
    drop(browser);
    server.stop().await;
}
