//! Two simulated people in two windows, while the network and the service fail in every way.
//!
//! `TODO_FAULT_SECONDS=600 TODO_FAULT_SEED=7 cargo test -p todo --test browser faults` runs for
//! that long.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::SENT;
use crate::browser::{Browser, DESKTOP, Theme};
use crate::process::Process;
use crate::proxy::Proxy;
use crate::random::Random;
use crate::server::Client;

const PERSON: &str = include_str!("person.js");

/// How long it takes until a person notices a stored word, in milliseconds.
const NOTICED_MS: u64 = 1500;

/// What one simulated person remembers.
#[derive(Debug, Deserialize)]
struct Memory {
    /// Each word, and the todo in which it was typed, if known.
    typed: HashMap<String, Option<String>>,
    /// When the service stored each word.
    stored: HashMap<String, u64>,
    /// Words that a choice discarded.
    dropped: Vec<String>,
    /// Todos that were deleted, and when.
    deleted: Vec<(String, u64)>,
    did: HashMap<String, u64>,
    /// When and how each word was typed.
    how: HashMap<String, String>,
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |value| value.parse().unwrap())
}

fn service(database: &Path, proxy: &Proxy) -> Process {
    let process = Process::start(database, &["--log-level", "off"]);
    proxy.lead_to(Some(process.address.clone()));
    process
}

async fn person(proxy: &Proxy, name: &str, seed: u64) -> Option<Browser> {
    let browser = Browser::open("about:blank", DESKTOP, Theme::Light).await?;
    let begin = format!(
        "{PERSON}\naddEventListener('load', () => location.protocol === 'http:' && window.person('{name}', {seed}));"
    );
    browser.before_each_page(&begin).await;
    browser.go(&format!("http://{}/", proxy.address)).await;
    Some(browser)
}

/// A period of faults: the service is killed and restarted, and windows are reloaded.
async fn trouble(
    mut process: Process,
    database: &Path,
    proxy: &Proxy,
    windows: [&Browser; 2],
    random: &mut Random,
    time: Duration,
) -> Process {
    let end = Instant::now() + time;
    while Instant::now() < end {
        proxy.set_faults(random.below(3) > 0);
        sleep(Duration::from_millis(1000 + random.below(4000))).await;
        match random.below(4) {
            0 | 1 => {
                proxy.lead_to(None);
                process.kill();
                sleep(Duration::from_millis(random.below(2500))).await;
                process = service(database, proxy);
            }
            2 => windows[usize::from(random.below(2) == 0)].reload().await,
            _ => {}
        }
    }
    proxy.set_faults(false);
    process
}

/// All words that are visible in a window, in its fields, or stored as drafts or parked words.
async fn in_sight(browser: &Browser) -> String {
    let script = "return [document.body.innerText,
        ...[...document.querySelectorAll('input, textarea')].map((field) => field.value),
        ...Object.entries(localStorage).filter(([name]) => /^todo.(parked|drafts)[.]/.test(name)).map(([, entry]) => entry)].join('\\n')";
    browser.run(script).await.as_str().unwrap().to_owned()
}

async fn all_of(client: &Client, path: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(page) = next {
        let answer = client.get(&page).await.expect(200);
        let page = answer.json();
        let entries = page.get("items").unwrap_or(&page);
        all.extend(entries.as_array().unwrap().iter().cloned());
        let link = answer.header("link");
        next = link.split(['<', '>']).nth(1).map(str::to_owned);
    }
    all
}

/// Waits until both windows show the data of the service, and returns the data. The data may still
/// change, because a window may retry an op that failed while the service was stopped.
async fn until_both_show_the_data(client: &Client, windows: [&Browser; 2]) -> Vec<Value> {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let todos = all_of(client, "/todos").await;
        let rows = todos
            .iter()
            .map(|todo| json!([todo["id"], todo["title"], todo["completed"]]));
        let data = Value::Array(rows.collect());
        let shown = [shown(windows[0]).await, shown(windows[1]).await];
        if shown.iter().all(|shown| *shown == data) {
            return todos;
        }
        if Instant::now() > end {
            for (browser, shown) in windows.into_iter().zip(&shown) {
                println!("{}", differences(&data, shown));
                println!("{:#}", browser.run(HEARD).await);
            }
            panic!("the windows differ from the data");
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// The streams of a page, each with its state and its last events.
const HEARD: &str =
    "return window.heard.map(({ begun, source, last }) => [begun, source.readyState, last])";

/// The rows that only one of the two lists has.
fn differences(data: &Value, shown: &Value) -> String {
    let (data, shown) = (data.as_array().unwrap(), shown.as_array().unwrap());
    let only = |one: &[Value], other: &[Value]| -> Vec<_> {
        let rows = one.iter().filter(|row| !other.contains(row));
        rows.map(Value::to_string).collect()
    };
    let (missing, extra) = (only(data, shown), only(shown, data));
    format!("only in the data: {missing:#?}\nonly in the page: {extra:#?}")
}

/// The id, title and completion of each row in the window.
async fn shown(browser: &Browser) -> Value {
    let script = "return [...document.querySelectorAll('#list li')].map((row) =>
        [row.dataset.id, row.querySelector('.title').textContent, row.querySelector('.toggle').checked])";
    browser.run(script).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_windows_under_random_faults_end_equal_with_every_word_in_the_data_or_in_sight() {
    let time = Duration::from_secs(setting("TODO_FAULT_SECONDS", 20));
    let seed = setting("TODO_FAULT_SEED", 1);
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    let proxy = Proxy::start(seed).await;
    let process = service(&database, &proxy);
    let Some(ann) = person(&proxy, "ann", seed).await else {
        return;
    };
    let Some(bob) = person(&proxy, "bob", seed + 1).await else {
        return;
    };
    let mut random = Random::new(seed);
    let windows = [&ann, &bob];
    let process = trouble(process, &database, &proxy, windows, &mut random, time).await;
    let client = Client::new(process.address.clone());

    for browser in windows {
        browser
            .wait_for("(window.person.stop(), document.querySelector('#panel').hidden)")
            .await;
        browser.wait_for(SENT).await;
        // The browser's own messages about failed requests are expected here.
        let complaints = browser.complaints().await;
        let own = complaints.iter().filter(|one| one.contains("Uncaught"));
        assert_eq!(own.count(), 0, "{complaints:#?}");
    }
    let todos = until_both_show_the_data(&client, windows).await;

    let items = all_of(&client, "/items").await;
    let mut places = format!("{todos:?}\n{items:?}");
    for browser in windows {
        places.push_str(&in_sight(browser).await);
    }
    let mut memories = Vec::new();
    for browser in windows {
        let memory = browser.run("return window.person.memory").await;
        memories.push(serde_json::from_value::<Memory>(memory).unwrap());
    }
    check_words(&places, &memories);
    drop((ann, bob));
    process.kill();
}

fn check_words(places: &str, memories: &[Memory]) {
    let dropped: HashSet<_> = memories.iter().flat_map(|memory| &memory.dropped).collect();
    // A word may be lost with a deleted todo if the person who deleted it could see the word. The
    // author of a word always could. Another person could some time after the word was stored.
    let deleted = |by: &Memory, todo: Option<&String>, stored: u64| {
        let others = memories.iter().filter(|memory| !std::ptr::eq(*memory, by));
        let others = others.flat_map(|memory| &memory.deleted);
        let mut seen = others.filter(|(_, at)| at + NOTICED_MS > stored);
        let is = |(id, _): &(String, u64)| todo.is_none_or(|todo| todo == id);
        by.deleted.iter().any(is) || seen.any(is)
    };
    let mut lost = Vec::new();
    let mut typed = 0;
    for memory in memories {
        typed += memory.typed.len();
        for (word, todo) in &memory.typed {
            let stored = memory
                .stored
                .get(word)
                .copied()
                .unwrap_or(u64::MAX - NOTICED_MS);
            let given_up = dropped.contains(word) || deleted(memory, todo.as_ref(), stored);
            if !places.contains(word.as_str()) && !given_up {
                let deletions: Vec<_> = memories
                    .iter()
                    .map(|memory| {
                        memory
                            .deleted
                            .iter()
                            .filter(|(id, _)| Some(id) == todo.as_ref())
                    })
                    .map(|found| found.map(|(_, at)| *at).collect::<Vec<_>>())
                    .collect();
                let there = todo.as_ref().is_some_and(|id| places.contains(id.as_str()));
                lost.push((word, &memory.how[word], stored, deletions, there));
            }
        }
    }
    let did: Vec<_> = memories.iter().map(|memory| &memory.did).collect();
    println!("{typed} words; {did:?}");
    assert!(lost.is_empty(), "lost {lost:?}");
}
