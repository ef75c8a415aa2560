//! Reads the cards of endpoints from the page of the ledger.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::browser::Browser;

#[derive(Debug, Deserialize)]
pub(crate) struct Card {
    /// The accessible name: `GET /todos`.
    pub name: String,
    /// The visible text of the verdict.
    pub verdict: String,
    /// The text beneath the bar.
    pub shares: String,
    /// The figures as text, by their names: `requests`, `p50` and so on.
    pub figures: BTreeMap<String, String>,
}

const CARDS: &str = "return [...document.querySelectorAll('.card')].map((card) => ({
  name: card.querySelector('h3 a').ariaLabel,
  verdict: card.querySelector('.verdict').innerText,
  shares: card.querySelector('.where').innerText,
  figures: Object.fromEntries(
    [...card.querySelectorAll('dl > div')].map((pair) => [...pair.children].map((part) => part.textContent)),
  ),
}));";

pub(crate) async fn cards(browser: &Browser) -> Vec<Card> {
    serde_json::from_value(browser.run(CARDS).await).unwrap()
}

/// Waits until the page shows this number of requests for an endpoint.
pub(crate) async fn wait_for_requests(browser: &Browser, name: &str, requests: u64) {
    let link = format!("document.querySelector('.card a[aria-label=\"{name}\"]')");
    let figure = format!("{link}.closest('.card').querySelector('.numbers dd').textContent");
    browser
        .wait_for(&format!("{figure} === '{requests}'"))
        .await;
}
