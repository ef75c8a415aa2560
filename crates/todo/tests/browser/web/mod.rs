//! The web app at `/`, as a person uses it.

mod hostile;
mod live;
mod looks;
mod panel;
mod todos;
mod words;

use serde_json::{Value, json};

use crate::browser::{Browser, DESKTOP, ENTER, Theme};
use crate::server::{Client, Server};

pub(crate) const ESCAPE: &str = "\u{e00c}";
const ALT: &str = "\u{e00a}";
const CONTROL: &str = "\u{e009}";
const DOWN: &str = "\u{e015}";
const DELETE: &str = "\u{e017}";

/// The titles in their order, each with a mark: `x` done, `?` not sent yet.
const LIST: &str = "[...document.querySelectorAll('.todo')].map((row) => row.querySelector('.title').textContent \
     + (row.classList.contains('completed') ? ' x' : '') + (row.classList.contains('pending') ? ' ?' : ''))";

/// Nothing waits to be sent.
const SENT: &str =
    "!Object.keys(localStorage).some((name) => name.startsWith('todo.outbox.'))";

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
