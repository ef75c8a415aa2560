//! The ledger at a glance.

use std::collections::BTreeMap;

use regex::Regex;

use crate::browser::{Browser, DESKTOP, Theme};
use crate::card::{cards, wait_for_requests};
use crate::traffic::{service, some_of_everything};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_endpoint_is_listed_with_its_verdict_and_figures() {
    let folder = tempfile::tempdir().unwrap();
    let server = service(&folder).await;
    let asked = some_of_everything(&server.client).await;
    let page = server.client.url("/_sabr");
    let Some(browser) = Browser::open(&page, DESKTOP, Theme::Light).await else {
        return;
    };
    wait_for_requests(&browser, "POST /todos", asked["POST /todos"]).await;

    let cards = cards(&browser).await;
    let listed: BTreeMap<_, _> = cards
        .iter()
        .map(|card| (card.name.clone(), card.figures["requests"].parse().unwrap()))
        .collect();
    assert_eq!(listed, asked, "and nothing of the page itself");

    let ledger = server.client.get("/_sabr/ledger.json").await.json();
    let time = Regex::new(r"^[\d.]+\u{a0}(µs|ms|s)$").unwrap();
    for card in &cards {
        let endpoints = ledger["endpoints"].as_array().unwrap();
        let said = endpoints
            .iter()
            .find(|e| card.name == format!("{} {}", text(&e["method"]), text(&e["route"])));
        assert_eq!(card.verdict, text(&said.unwrap()["verdict"]["title"]));
        for figure in ["p50", "p99"] {
            assert!(time.is_match(&card.figures[figure]), "{card:?}");
        }
    }
    for (name, wait) in [("GET /todos", "db read"), ("POST /todos", "db write")] {
        let card = cards.iter().find(|card| card.name == name).unwrap();
        let shares = card.shares.replace('\u{a0}', " ");
        assert!(shares.contains("waiting"), "{card:?}");
        assert!(shares.contains(wait), "{card:?}");
    }
    drop(browser);
    server.stop().await;
}

fn text(value: &serde_json::Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_change_while_one_looks() {
    let folder = tempfile::tempdir().unwrap();
    let server = service(&folder).await;
    let page = server.client.url("/_sabr");
    let Some(browser) = Browser::open(&page, DESKTOP, Theme::Light).await else {
        return;
    };
    browser
        .wait_for("document.querySelector('#empty').innerText.includes('No requests yet')")
        .await;
    let flow = browser
        .run("return document.querySelector('#flow').innerText")
        .await;
    assert!(
        !flow.as_str().unwrap().contains('–'),
        "what is not known is left out: {flow}"
    );
    // A reload of the page would remove this mark.
    browser.run("window.here = true").await;
    let asked = some_of_everything(&server.client).await;
    wait_for_requests(&browser, "GET /todos", asked["GET /todos"]).await;
    for _ in 0..7 {
        server.client.get("/todos").await.expect(200);
    }
    wait_for_requests(&browser, "GET /todos", asked["GET /todos"] + 7).await;
    assert_eq!(browser.run("return window.here").await, true);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pools_tasks_and_group_commits_stand_below() {
    let folder = tempfile::tempdir().unwrap();
    let server = service(&folder).await;
    some_of_everything(&server.client).await;
    let page = server.client.url("/_sabr");
    let Some(browser) = Browser::open(&page, DESKTOP, Theme::Light).await else {
        return;
    };
    browser
        .wait_for("document.querySelector('#around .tile')")
        .await;
    let around = browser
        .run("return document.querySelector('#around').innerText")
        .await;
    let around = around.as_str().unwrap();
    for part in [
        "Stalls",
        "Thread pools",
        "Background tasks",
        "Group commits",
        "writes in the largest commit",
    ] {
        assert!(around.contains(part), "{part}: {around}");
    }
    let writes = browser
        .run(
            "const term = [...document.querySelectorAll('dt')].find((dt) => dt.innerText === 'writes committed');
            return Number(term.nextSibling.innerText);",
        )
        .await;
    assert!(writes.as_u64().unwrap() >= 30, "{writes}");
    drop(browser);
    server.stop().await;
}
