//! Every action of a person can be undone and redone.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{ALT, CONTROL, DELETE, SENT, UP, add, add_all, again, open, titles, until_list_is};
use crate::browser::{Browser, ENTER};
use crate::input;
use crate::server::Server;

async fn redo(browser: &Browser) {
    browser
        .stroke("Z", "KeyZ", input::CONTROL | input::SHIFT)
        .await;
}

async fn until_told(browser: &Browser, words: &str) {
    let told = "document.querySelector('#toast-words').textContent";
    browser
        .wait_for(&format!("{told}.includes({})", json!(words)))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_undone_step_by_step_and_done_again() {
    let server = Server::start().await;
    add_all(&server.client, &["a", "b", "c"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let mut states: Vec<&[&str]> = vec![&["a", "b", "c"]];
    browser.click("[aria-label='Done: a']").await;
    states.push(&["a x", "b", "c"]);
    until_list_is(&browser, states[1]).await;
    browser
        .run("document.querySelectorAll('.title')[1].focus()")
        .await;
    browser.press(ENTER).await;
    browser.press("!").await;
    browser.press(ENTER).await;
    states.push(&["a x", "b!", "c"]);
    until_list_is(&browser, states[2]).await;
    browser.press_with(ALT, UP).await;
    states.push(&["b!", "a x", "c"]);
    until_list_is(&browser, states[3]).await;
    browser.click("#toggle-all").await;
    states.push(&["b! x", "a x", "c x"]);
    until_list_is(&browser, states[4]).await;
    browser.click("#toggle-all").await;
    states.push(&["b!", "a", "c"]);
    until_list_is(&browser, states[5]).await;
    browser.click("[aria-label='Done: c']").await;
    browser.click(".clear-completed").await;
    states.push(&["b!", "a"]);
    until_list_is(&browser, states[6]).await;
    browser.press("d").await;
    browser.press(ENTER).await;
    states.push(&["b!", "a", "d"]);
    until_list_is(&browser, states[7]).await;

    states.insert(6, &["b!", "a", "c x"]);
    for state in states.iter().rev().skip(1) {
        browser.press_with(CONTROL, "z").await;
        until_list_is(&browser, state).await;
    }
    browser.wait_for(SENT).await;
    assert_eq!(titles(&server.client).await, ["a", "b", "c"]);
    for state in &states[1..] {
        redo(&browser).await;
        until_list_is(&browser, state).await;
    }
    browser.wait_for(SENT).await;
    assert_eq!(titles(&server.client).await, ["b!", "a", "d"]);
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    drop(browser);
    server.stop().await;
}

/// A todo with every field set, and two steps, one of them completed.
async fn full(server: &Server) -> Value {
    let body =
        json!({ "title": "shopping", "notes": "until eight", "completed": true, "order": 7.5 });
    let todo = add(&server.client, body).await;
    let items = format!("{}/items", todo["url"].as_str().unwrap());
    for (title, completed) in [("milk", true), ("bread", false)] {
        let step = json!({ "title": title, "completed": completed });
        server.client.post(&items, &step).await.expect(201);
    }
    todo
}

/// Everything that a person has entered into a todo and its checklist; null if it does not exist.
async fn contents(server: &Server, todo: &Value) -> Value {
    let url = todo["url"].as_str().unwrap();
    let answer = server.client.get(url).await;
    if answer.status == 404 {
        return Value::Null;
    }
    let now = answer.json();
    let items = server.client.get(&format!("{url}/items")).await.json();
    let steps: Vec<_> = (items.as_array().unwrap().iter())
        .map(|step| json!([step["id"], step["title"], step["completed"], step["order"]]))
        .collect();
    json!([
        now["title"],
        now["notes"],
        now["completed"],
        now["order"],
        steps
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_is_sent_at_once_and_undone_with_all_it_had_after_a_reload() {
    let server = Server::start().await;
    let todo = full(&server).await;
    let before = contents(&server, &todo).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click("[aria-label='Delete shopping']").await;
    until_list_is(&browser, &[]).await;
    browser.wait_for(SENT).await;
    assert_eq!(contents(&server, &todo).await, Value::Null);
    browser.reload().await;
    browser
        .wait_for("!document.querySelector('#empty').hidden")
        .await;
    browser.press_with(CONTROL, "z").await;
    until_list_is(&browser, &["shopping x"]).await;
    browser.wait_for(SENT).await;
    assert_eq!(contents(&server, &todo).await, before);
    redo(&browser).await;
    until_list_is(&browser, &[]).await;
    browser.wait_for(SENT).await;
    browser.click("#undo").await;
    until_list_is(&browser, &["shopping x"]).await;
    browser.wait_for(SENT).await;
    assert_eq!(contents(&server, &todo).await, before);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_undone_before_it_is_answered_loses_nothing() {
    let server = Server::start().await;
    let todo = full(&server).await;
    let before = contents(&server, &todo).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    // The answer to the deletion waits until the test releases it.
    let slow = "const real = window.fetch;
        const let_go = new Promise((resolve) => (window.letGo = resolve));
        window.fetch = async (path, options) => {
          const answer = await real(path, options);
          if (options.method === 'DELETE') window.deleted = true, await let_go;
          return answer;
        };";
    browser.run(slow).await;
    browser.click("[aria-label='Delete shopping']").await;
    browser.wait_for("window.deleted").await;
    assert_eq!(contents(&server, &todo).await, Value::Null);
    browser.press_with(CONTROL, "z").await;
    until_list_is(&browser, &["shopping x ?"]).await;
    browser.run("window.letGo()").await;
    until_list_is(&browser, &["shopping x"]).await;
    browser.wait_for(SENT).await;
    assert_eq!(contents(&server, &todo).await, before);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_undone_while_the_service_is_away_was_never_sent() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    let server = Server::on(database.clone()).await;
    let todo = full(&server).await;
    let url = todo["url"].as_str().unwrap();
    let before = server.client.get(url).await.json();
    let Some(browser) = open(&server).await else {
        return;
    };
    until_list_is(&browser, &["shopping x"]).await;
    let address: SocketAddr = server.client.address.parse().unwrap();
    server.stop().await;
    browser.click("[aria-label='Delete shopping']").await;
    until_list_is(&browser, &[]).await;
    browser
        .wait_for("!document.querySelector('#away').hidden")
        .await;
    browser.press_with(CONTROL, "z").await;
    until_list_is(&browser, &["shopping x"]).await;
    let server = again(database, address.port()).await;
    browser
        .wait_for("document.querySelector('#away').hidden")
        .await;
    assert_eq!(server.client.get(url).await.json(), before);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undo_leaves_alone_what_another_has_changed_since_and_says_so() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "milk" })).await;
    let url = todo["url"].as_str().unwrap();
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".title").await;
    browser.press(ENTER).await;
    browser.press("!").await;
    browser.press(ENTER).await;
    until_list_is(&browser, &["milk!"]).await;
    // A change of another field meanwhile does not matter.
    server.client.patch(url, &json!({ "notes": "n" })).await;
    browser
        .wait_for("document.querySelector('.has-notes')")
        .await;
    browser.press_with(CONTROL, "z").await;
    until_list_is(&browser, &["milk"]).await;
    redo(&browser).await;
    until_list_is(&browser, &["milk!"]).await;
    server
        .client
        .patch(url, &json!({ "title": "theirs" }))
        .await
        .expect(200);
    until_list_is(&browser, &["theirs"]).await;
    browser.press_with(CONTROL, "z").await;
    until_told(&browser, "“milk” was changed elsewhere since").await;
    until_list_is(&browser, &["theirs"]).await;
    browser.click(".toggle").await;
    until_list_is(&browser, &["theirs x"]).await;
    browser.wait_for(SENT).await;
    server.client.delete(url).await.expect(204);
    until_list_is(&browser, &[]).await;
    browser.press_with(CONTROL, "z").await;
    until_told(&browser, "“theirs” was deleted elsewhere since").await;
    assert_eq!(titles(&server.client).await, [""; 0]);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notes_and_steps_are_undone_with_the_panel_open_or_closed() {
    let server = Server::start().await;
    let todo = full(&server).await;
    let before = contents(&server, &todo).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".open").await;
    browser.click(".notes").await;
    browser.press(", or nine").await;
    browser.click("[aria-label='Done: bread']").await;
    browser
        .wait_for("document.querySelectorAll('.items .done').length === 2")
        .await;
    browser.click(".items .what").await;
    browser.press("!").await;
    browser.press(ENTER).await;
    browser.click("[aria-label='Delete bread']").await;
    browser
        .wait_for("document.querySelectorAll('.items li').length === 1")
        .await;
    browser.wait_for(SENT).await;
    let after = contents(&server, &todo).await;
    assert_eq!(after[1], "until eight, or nine");
    assert_eq!(after[4].as_array().unwrap().len(), 1);
    // While the panel is open, undo restores the step and then its name. The rest follows when the
    // panel is closed.
    for steps in ["milk!,bread", "milk,bread"] {
        browser.click("#undo").await;
        let shown = "[...document.querySelectorAll('.items .what')].map((step) => step.value)";
        browser
            .wait_for(&format!("{shown}.join() === {}", json!(steps)))
            .await;
    }
    browser.click(".panel .close").await;
    browser
        .wait_for("document.querySelector('#panel').hidden")
        .await;
    browser.press_with(CONTROL, "z").await;
    until_told(&browser, "Undone: Marked “bread” as done").await;
    browser.press_with(CONTROL, "z").await;
    until_told(&browser, "Undone: Changed the notes of “shopping”").await;
    browser.wait_for(SENT).await;
    assert_eq!(contents(&server, &todo).await, before);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undo_has_a_limit_and_forgets_the_oldest() {
    let server = Server::start().await;
    add_all(&server.client, &["a"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser
        .run("for (let n = 0; n < 105; n += 1) document.querySelector('.toggle').click()")
        .await;
    until_list_is(&browser, &["a x"]).await;
    let entries = "JSON.parse(sessionStorage.getItem('todo.undo')).done.length === 100";
    browser.wait_for(entries).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn marking_all_is_a_command_with_a_name() {
    let server = Server::start().await;
    add_all(&server.client, &["a", "b"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let all = [("Mark all done".to_owned(), "button".to_owned())];
    assert_eq!(browser.names_and_roles("#toggle-all").await, all);
    browser.click("#toggle-all").await;
    until_list_is(&browser, &["a x", "b x"]).await;
    until_told(&browser, "Marked 2 todos as done").await;
    let none = [("Mark all not done".to_owned(), "button".to_owned())];
    assert_eq!(browser.names_and_roles("#toggle-all").await, none);
    browser.click("#toast .undo").await;
    until_list_is(&browser, &["a", "b"]).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undo_is_reached_without_a_pointer_and_without_haste() {
    let server = Server::start().await;
    add_all(&server.client, &["a", "b"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".title").await;
    browser.press(DELETE).await;
    until_list_is(&browser, &["b"]).await;
    let said = "document.querySelector('#said').textContent";
    assert_eq!(
        browser.run(&format!("return {said}")).await,
        "Deleted “a”. Ctrl+Z takes it back."
    );
    let region = ("Messages".to_owned(), "region".to_owned());
    assert_eq!(browser.names_and_roles("section").await, [region]);
    // The undo button is still there after the message has disappeared.
    browser.click("#toast .dismiss").await;
    browser
        .wait_for("document.querySelector('#toast').hidden")
        .await;
    let focused = "return document.activeElement.tagName";
    assert_eq!(browser.run(focused).await, "H1");
    browser.run("document.querySelector('#undo').focus()").await;
    browser.press(ENTER).await;
    until_list_is(&browser, &["a", "b"]).await;
    drop(browser);
    server.stop().await;
}
