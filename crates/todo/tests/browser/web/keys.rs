//! Keys of input methods, and of keyboards for all scripts.

use serde_json::json;

use super::{add, add_all, open, titles, until_list_is};
use crate::browser::{Browser, ENTER};
use crate::input::{ALT, CONTROL, META, SHIFT};
use crate::server::Server;

/// Composes text in an input method, in which Enter chooses a candidate and Escape closes the list.
async fn compose_and_choose(browser: &Browser, field: &str) {
    browser.click(field).await;
    browser.compose("にほん").await;
    for key in ["Enter", "Escape"] {
        browser.stroke_of_input_method(key).await;
        browser.stroke(key, key, 0).await;
    }
    let here = format!("return document.activeElement.matches({})", json!(field));
    assert_eq!(browser.run(&here).await, true, "{field} has lost the focus");
    let typed = "return document.activeElement.value.endsWith('にほん')";
    assert_eq!(browser.run(typed).await, true, "{field} has lost the words");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn enter_and_escape_of_an_input_method_stay_with_it_in_every_field() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "milk" })).await;
    let items = format!("{}/items", todo["url"].as_str().unwrap());
    let step = json!({ "title": "oat" });
    server.client.post(&items, &step).await.expect(201);
    let Some(browser) = open(&server).await else {
        return;
    };
    compose_and_choose(&browser, ".new-todo").await;
    until_list_is(&browser, &["milk"]).await;
    browser
        .run("document.querySelector('.new-todo').value = ''")
        .await;

    browser.click(".title").await;
    browser.press(ENTER).await;
    compose_and_choose(&browser, ".edit").await;
    browser.wait_for("document.querySelector('.editing')").await;
    browser.compose_to("にほん").await;
    browser.press(ENTER).await;
    until_list_is(&browser, &["milkにほん"]).await;

    browser.click(".open").await;
    browser
        .wait_for("document.querySelector('.items .what')")
        .await;
    for field in [".notes", ".new-item", ".items .what"] {
        compose_and_choose(&browser, field).await;
        let open = "return !document.querySelector('#panel').hidden";
        assert_eq!(browser.run(open).await, true, "{field} closed the panel");
    }
    let steps = "return document.querySelectorAll('.items li').length";
    assert_eq!(browser.run(steps).await, 1);
    drop(browser);
    server.stop().await;
}

/// Presses a key with modifiers, and returns whether it has undone the completion.
async fn undoes(browser: &Browser, key: &str, code: &str, held: u8) -> bool {
    browser
        .run("document.querySelector('.toggle').click()")
        .await;
    until_list_is(browser, &["milk x"]).await;
    browser.stroke(key, code, held).await;
    // A later event in the queue shows that the key has been handled.
    let taken = "return document.querySelector('#toast-words').textContent.startsWith('Undone')";
    let undone = browser.run(taken).await == true;
    match undone {
        true => until_list_is(browser, &["milk"]).await,
        false => {
            browser
                .run("document.querySelector('.toggle').click()")
                .await;
            until_list_is(browser, &["milk"]).await;
        }
    }
    undone
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undo_is_where_each_keyboard_has_its_z() {
    let server = Server::start().await;
    add_all(&server.client, &["milk"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    until_list_is(&browser, &["milk"]).await;
    for (keyboard, key, code, held, expected) in [
        ("English", "z", "KeyZ", CONTROL, true),
        ("English, with capitals locked", "Z", "KeyZ", CONTROL, true),
        ("Russian", "я", "KeyZ", CONTROL, true),
        ("Greek", "ζ", "KeyZ", CONTROL, true),
        ("Arabic", "ئ", "KeyZ", CONTROL, true),
        ("Hebrew", "ז", "KeyZ", CONTROL, true),
        ("German", "z", "KeyY", CONTROL, true),
        ("German, where others have Z", "y", "KeyZ", CONTROL, false),
        ("French", "z", "KeyW", CONTROL, true),
        ("French, where others have Z", "w", "KeyZ", CONTROL, false),
        ("Dvorak, where others have Z", ";", "KeyZ", CONTROL, false),
        ("AltGr, which writes", "ż", "KeyZ", CONTROL | ALT, false),
        ("AltGr", "z", "KeyZ", CONTROL | ALT, false),
        ("the key of Windows", "z", "KeyZ", META, false),
        ("no other key held", "z", "KeyZ", 0, false),
    ] {
        let undone = undoes(&browser, key, code, held).await;
        assert_eq!(undone, expected, "{keyboard}: {key} at {code}");
    }
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mac_undoes_with_its_command_key() {
    let server = Server::start().await;
    add_all(&server.client, &["milk"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let mac = json!({ "userAgent": "Mozilla/5.0 (Macintosh)", "platform": "MacIntel" });
    browser
        .devtools("Emulation.setUserAgentOverride", mac)
        .await;
    browser.reload().await;
    until_list_is(&browser, &["milk"]).await;
    assert!(undoes(&browser, "z", "KeyZ", META).await);
    assert!(undoes(&browser, "я", "KeyZ", META).await);
    assert!(!undoes(&browser, "z", "KeyZ", CONTROL).await);
    browser.stroke("z", "KeyZ", META | SHIFT).await;
    assert_eq!(titles(&server.client).await, ["milk"]);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_that_was_emptied_undoes_its_own_typing_and_nothing_else() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "milk", "notes": "oat" })).await;
    let items = format!("{}/items", todo["url"].as_str().unwrap());
    let step = json!({ "title": "look" });
    server.client.post(&items, &step).await.expect(201);
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".toggle").await;
    until_list_is(&browser, &["milk x"]).await;
    browser.click(".open").await;
    browser
        .wait_for("document.querySelector('.items .what')")
        .await;
    for field in [".new-item", ".notes", ".items .what", ".new-todo"] {
        if field == ".new-todo" {
            browser.click(".panel .close").await;
        }
        browser.click(field).await;
        browser.press("words").await;
        let here = format!("document.querySelector({})", json!(field));
        browser
            .run(&format!("{here}.select(), document.execCommand('delete')"))
            .await;
        assert_eq!(browser.run(&format!("return {here}.value")).await, "");
        browser.press_with(super::CONTROL, "z").await;
        let value = browser.run(&format!("return {here}.value")).await;
        assert!(
            value.as_str().unwrap().contains("words"),
            "{field}: {value}"
        );
        let told = "return document.querySelector('#toast-words').textContent";
        let told = browser.run(told).await;
        assert!(
            !told.as_str().unwrap().contains("Undone"),
            "{field}: {told}"
        );
        if field == ".new-todo" || field == ".new-item" {
            browser
                .run(&format!("{here}.select(), document.execCommand('delete')"))
                .await;
        }
    }
    // Nobody has typed in the field since it got the focus, so the page handles the undo keys.
    browser.click(".title").await;
    browser.click(".new-todo").await;
    let told = "document.querySelector('#toast-words').textContent.startsWith('Undone')";
    browser.press_with(super::CONTROL, "z").await;
    browser.wait_for(told).await;
    drop(browser);
    server.stop().await;
}

/// After a form was submitted, the browser has nothing to undo in its field.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn right_after_a_todo_is_added_the_page_undoes_it() {
    let server = Server::start().await;
    let Some(browser) = open(&server).await else {
        return;
    };
    super::write(&browser, "milk").await;
    until_list_is(&browser, &["milk"]).await;
    browser.press_with(super::CONTROL, "z").await;
    until_list_is(&browser, &[]).await;
    drop(browser);
    server.stop().await;
}
