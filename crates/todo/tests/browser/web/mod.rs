//! The web app at `/`, as a person uses it.

mod blocked;
mod clock;
mod drag;
mod faults;
mod hostile;
mod keys;
mod live;
mod looks;
mod missed;
mod names;
mod panel;
mod phone;
mod refused;
mod todos;
mod typing;
mod undo;
mod words;

use std::path::PathBuf;

use serde_json::{Value, json};
use todo::service::Config;

use crate::browser::{Browser, DESKTOP, ENTER, Theme};
use crate::server::{Client, Server, config};

pub(crate) const ESCAPE: &str = "\u{e00c}";
const ALT: &str = "\u{e00a}";
const CONTROL: &str = "\u{e009}";
const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";
const DELETE: &str = "\u{e017}";

/// An expression for the titles in order. `x` marks a completed todo, and `?` one that is not sent
/// yet.
const LIST: &str = "[...document.querySelectorAll('.todo')].map((row) => row.querySelector('.title').textContent \
     + (row.classList.contains('completed') ? ' x' : '') + (row.classList.contains('pending') ? ' ?' : ''))";

/// An expression that is true if no change is waiting to be sent.
const SENT: &str = "!Object.keys(localStorage).some((name) => name.startsWith('todo.outbox.'))";

async fn until_list_is(browser: &Browser, titles: &[&str]) {
    let wanted = json!(titles).to_string();
    browser
        .wait_for(&format!("JSON.stringify({LIST}) === {}", json!(wanted)))
        .await;
}

async fn write(browser: &Browser, words: &str) {
    browser.click(".new-todo").await;
    browser.press(words).await;
    browser.press(ENTER).await;
}

/// Clicks on the visible button with these words.
async fn press_button(browser: &Browser, within: &str, words: &str) {
    let script = format!(
        "[...document.querySelectorAll({})].find((one) => one.checkVisibility() && one.textContent === {}).click()",
        json!(format!("{within} button")),
        json!(words)
    );
    browser.run(&script).await;
}

async fn titles(client: &Client) -> Vec<String> {
    let todos = client.get("/todos").await.expect(200).json();
    let todos = todos.as_array().unwrap().iter();
    todos
        .map(|todo| todo["title"].as_str().unwrap().to_owned())
        .collect()
}

async fn add(client: &Client, body: Value) -> Value {
    client.post("/todos", &body).await.expect(201).json()
}

async fn add_all(client: &Client, titles: &[&str]) {
    for title in titles {
        add(client, json!({ "title": title })).await;
    }
}

async fn open(server: &Server) -> Option<Browser> {
    let browser = Browser::open(&server.client.url("/"), DESKTOP, Theme::Light).await?;
    browser
        .wait_for(
            "document.querySelector('#list .todo') || !document.querySelector('#empty').hidden",
        )
        .await;
    Some(browser)
}

/// The URL of a todo.
fn url(todo: &Value) -> &str {
    todo["url"].as_str().unwrap()
}

/// Opens the app in a page that a script has prepared.
async fn open_with(server: &Server, script: &str) -> Option<Browser> {
    let browser = Browser::open("about:blank", DESKTOP, Theme::Light).await?;
    browser.before_each_page(script).await;
    browser.go(&server.client.url("/")).await;
    Some(browser)
}

/// A script that makes the service fail while `window.down` is set.
const SWITCH: &str = "window.down = false;
    const real = window.fetch;
    window.fetch = (...what) => window.down ? Promise.reject(new TypeError('away')) : real(...what);";

async fn until_seen(browser: &Browser, selector: &str, words: &str) {
    let (selector, words) = (json!(selector), json!(words));
    browser
        .wait_for(&format!("[...document.querySelectorAll({selector})].some((one) => one.checkVisibility() && one.innerText.includes({words}))"))
        .await;
}

async fn until_server(server: &Server, path: &str, field: &str, value: Value) {
    let changed = async {
        while server.client.get(path).await.json()[field] != value {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), changed)
        .await
        .unwrap_or_else(|_| panic!("{path} has no {field} {value}"));
}

/// The service with the data from before it was stopped.
async fn again(database: PathBuf, port: u16) -> Server {
    Server::with(Config {
        database: Some(database),
        port,
        ..config()
    })
    .await
}
