//! Accessible names, and titles in all scripts.

use serde_json::json;

use super::{ENTER, add, add_all, open, until_list_is, write};
use crate::browser::Browser;
use crate::server::Server;

const LONG: &str =
    "Write to Aunt Olga about the summer house, and ask whether the boat was sold last autumn";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_hold_the_whole_title_that_is_seen() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": LONG })).await;
    let items = format!("{}/items", todo["url"].as_str().unwrap());
    let step = json!({ "title": LONG });
    server.client.post(&items, &step).await.expect(201);
    let Some(browser) = open(&server).await else {
        return;
    };
    until_list_is(&browser, &[LONG]).await;
    let controls = ".todo :is(.handle, .toggle, .title, .open, .destroy)";
    let named = browser.names_and_roles(controls).await;
    assert_eq!(named.len(), 5);
    for (name, role) in &named {
        assert!(name.contains(LONG), "a {role} is called {name:?}");
    }
    let title = browser.names_and_roles(".todo .title").await;
    assert_eq!(title, [(LONG.to_owned(), "button".to_owned())]);
    browser.click(".open").await;
    browser
        .wait_for("document.querySelector('.items li')")
        .await;
    for (name, role) in browser.names_and_roles(".items :is(input, button)").await {
        assert!(name.contains(LONG), "a {role} is called {name:?}");
    }
    // A label names another element, so an element with a role of its own must not be a label.
    let labels = "return document.querySelectorAll('label[role]').length";
    assert_eq!(browser.run(labels).await, 0);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_goes_between_characters_as_people_count_them() {
    let server = Server::start().await;
    let Some(browser) = open(&server).await else {
        return;
    };
    for one in ["👨‍👩‍👧‍👦", "🇩🇪", "👍🏽", "é", "e\u{301}\u{323}", "नि", "한", "x"]
    {
        let script = format!(
            "return import('/web/dom.js').then(({{ shorten }}) => {{
              const one = {};
              return [shorten(one.repeat(60)) === one.repeat(60), shorten(one.repeat(61)) === one.repeat(59) + '…'];
            }})",
            json!(one)
        );
        assert_eq!(browser.run(&script).await, json!([true, true]), "{one}");
    }
    // The message is cut at 60 displayed characters, and not within a family emoji.
    let title = "👨‍👩‍👧‍👦".repeat(20) + &"🥛".repeat(80);
    write(&browser, &title).await;
    browser.click(".destroy").await;
    let cut = "👨‍👩‍👧‍👦".repeat(20) + &"🥛".repeat(39);
    let told = format!("Deleted “{cut}…”.");
    browser
        .wait_for(&format!(
            "document.querySelector('#toast-words').textContent === {}",
            json!(told)
        ))
        .await;
    drop(browser);
    server.stop().await;
}

/// Visible words outside of every named part of the page.
const OUTSIDE: &str = "const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const landmarks = 'header, main, aside, section[aria-label], [role=dialog]';
    const outside = [];
    while (texts.nextNode()) {
      const { data, parentElement } = texts.currentNode;
      if (data.trim() && parentElement.checkVisibility() && !parentElement.closest(landmarks)) outside.push(data);
    }
    return outside;";

async fn check_landmarks(browser: &Browser) {
    assert_eq!(browser.run(OUTSIDE).await, json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_words_are_in_landmarks_whatever_is_shown() {
    let server = Server::start().await;
    add_all(&server.client, &["milk", "rent"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    check_landmarks(&browser).await;
    browser.click(".open").await;
    browser
        .wait_for("!document.querySelector('#panel').hidden")
        .await;
    check_landmarks(&browser).await;
    browser.click(".panel .close").await;
    browser.click(".destroy").await;
    browser
        .wait_for("!document.querySelector('#toast').hidden")
        .await;
    check_landmarks(&browser).await;
    browser
        .run("document.querySelector('.new-todo').value = 'x'.repeat(501)")
        .await;
    browser.click(".new-todo").await;
    browser.press(ENTER).await;
    browser
        .wait_for("!document.querySelector('#hint').hidden")
        .await;
    check_landmarks(&browser).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_todo_out_of_sight_is_told_of_and_shown() {
    let server = Server::start().await;
    let many: Vec<String> = (0..60).map(|n| format!("todo {n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    add_all(&server.client, &many).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    until_list_is(&browser, &many).await;
    let told = "document.querySelector('#toast-words').textContent";
    let in_sight = "(() => { const box = document.activeElement.getBoundingClientRect(); \
        return box.top >= 0 && box.bottom <= innerHeight && document.activeElement.textContent; })()";

    write(&browser, "further down").await;
    browser
        .wait_for(&format!(
            "{told} === 'Added “further down” at the end of the list.'"
        ))
        .await;
    browser.click("#toast .show").await;
    browser
        .wait_for(&format!("{in_sight} === 'further down'"))
        .await;

    browser.click("[href='#/completed']").await;
    until_list_is(&browser, &[]).await;
    write(&browser, "elsewhere").await;
    browser
        .wait_for(&format!("{told} === 'Added “elsewhere” to All.'"))
        .await;
    browser.click("#toast .show").await;
    browser
        .wait_for(&format!("{in_sight} === 'elsewhere'"))
        .await;
    assert_eq!(browser.run("return location.hash").await, "#/");
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn titles_of_any_direction_keep_to_themselves() {
    let server = Server::start().await;
    let arabic = "لا تنس الخبز والحليب والجبن من السوق القريب من البيت";
    let overriding = "abc \u{202e}fed\u{2069} ghi";
    add_all(&server.client, &[arabic, overriding]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    until_list_is(&browser, &[arabic, overriding]).await;
    browser.click(".open").await;
    browser
        .wait_for("!document.querySelector('#panel').hidden")
        .await;
    let apart = "const range = document.createRange();
        range.selectNodeContents(document.querySelector('#panel-title'));
        const close = document.querySelector('.panel .close').getBoundingClientRect();
        return [...range.getClientRects()].every((line) => line.right <= close.left || line.top >= close.bottom);";
    assert_eq!(browser.run(apart).await, true, "it lies under the button");
    browser.click(".panel .close").await;
    for (title, at) in [(overriding, 2), (arabic, 1)] {
        browser
            .click(&format!(".todo:nth-child({at}) .destroy"))
            .await;
        // The message shows the title in a separate element, without characters that would affect
        // the text around it.
        let shown: String = title
            .chars()
            .filter(|c| !matches!(c, '\u{202e}' | '\u{2069}'))
            .collect();
        for place in ["#toast-words", "#said"] {
            let isolated = format!("document.querySelector('{place} bdi').textContent");
            browser
                .wait_for(&format!("{isolated}.startsWith({})", json!(shown)))
                .await;
        }
    }
    // The sentence around an Arabic title reads left to right.
    let order = "const [before, title] = document.querySelector('#toast-words').childNodes;
        const first = (node) => { const range = document.createRange(); range.selectNode(node); return range.getClientRects()[0]; };
        return first(before).right <= first(title).left + 1;";
    assert_eq!(browser.run(order).await, true);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_click_without_a_pointer_edits() {
    let server = Server::start().await;
    add_all(&server.client, &["milk"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    // A click by script is like the click of a screen reader or of voice control.
    browser
        .run("document.querySelector('.title').click()")
        .await;
    browser.wait_for("document.querySelector('.editing')").await;
    browser.press("!").await;
    browser.press(ENTER).await;
    until_list_is(&browser, &["milk!"]).await;
    drop(browser);
    server.stop().await;
}
