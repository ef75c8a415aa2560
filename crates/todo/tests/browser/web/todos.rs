//! A list of todos, as a person uses it.

use serde_json::json;

use super::refused::double_click;
use super::{
    ALT, CONTROL, DELETE, DOWN, ESCAPE, add_all, open, titles, until_list_is, until_seen, write,
};
use crate::browser::{DESKTOP, ENTER, PHONE, TAB};
use crate::server::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_visit_invites_and_what_is_typed_is_there_at_once() {
    let server = Server::start().await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let invitation = browser
        .run("return document.querySelector('#empty').innerText")
        .await;
    assert!(
        invitation.as_str().unwrap().contains("first thing"),
        "{invitation}"
    );
    browser.screenshot("web-empty-1280-light").await;
    write(&browser, "buy milk").await;
    until_list_is(&browser, &["buy milk"]).await;
    let count = "return document.querySelector('.todo-count').innerText";
    assert_eq!(browser.run(count).await, "1 item left");
    write(&browser, "  pay rent ").await;
    until_list_is(&browser, &["buy milk", "pay rent"]).await;
    assert_eq!(browser.run(count).await, "2 items left");
    assert_eq!(titles(&server.client).await, ["buy milk", "pay rent"]);
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_title_is_changed_in_place_and_an_empty_one_deletes() {
    let server = Server::start().await;
    add_all(&server.client, &["milk", "rent"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    until_list_is(&browser, &["milk", "rent"]).await;
    browser.click(".title").await;
    browser.press(ENTER).await;
    browser.press(" for the cat").await;
    browser.press(ENTER).await;
    until_list_is(&browser, &["milk for the cat", "rent"]).await;
    browser.press(ENTER).await;
    browser.press("nonsense").await;
    browser.press(ESCAPE).await;
    until_list_is(&browser, &["milk for the cat", "rent"]).await;
    let twice = "document.querySelector('.title').dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))";
    browser.run(twice).await;
    browser
        .run("document.querySelector('.editing .edit').value = ' '")
        .await;
    browser.press(ENTER).await;
    until_list_is(&browser, &["rent"]).await;
    // Undo restores the todo at its place.
    browser.press_with(CONTROL, "z").await;
    until_list_is(&browser, &["milk for the cat", "rent"]).await;
    assert_eq!(titles(&server.client).await, ["milk for the cat", "rent"]);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_is_marked_filtered_and_cleared() {
    let server = Server::start().await;
    add_all(&server.client, &["a", "b", "c"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click("[aria-label='Done: b']").await;
    until_list_is(&browser, &["a", "b x", "c"]).await;
    browser.click("[href='#/completed']").await;
    until_list_is(&browser, &["b x"]).await;
    browser.click("[href='#/active']").await;
    until_list_is(&browser, &["a", "c"]).await;
    browser.back().await;
    until_list_is(&browser, &["b x"]).await;
    browser.click("[href='#/']").await;
    browser.click(".toggle-all").await;
    until_list_is(&browser, &["a x", "b x", "c x"]).await;
    browser.click("[aria-label='Done: a']").await;
    browser.click(".clear-completed").await;
    until_list_is(&browser, &["a"]).await;
    browser.click(".undo").await;
    until_list_is(&browser, &["a", "b x", "c x"]).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn todos_are_moved_by_keyboard_and_by_dragging() {
    let server = Server::start().await;
    add_all(&server.client, &["a", "b", "c"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".title").await;
    browser.press_with(ALT, DOWN).await;
    until_list_is(&browser, &["b", "a", "c"]).await;
    let said = "return document.querySelector('#said').textContent";
    assert_eq!(browser.run(said).await, "a: 2 of 3");
    let focused = "return document.activeElement.textContent";
    assert_eq!(browser.run(focused).await, "a");
    browser.drag(".todo:last-child .handle", ".todo").await;
    until_list_is(&browser, &["c", "b", "a"]).await;
    assert_eq!(titles(&server.client).await, ["c", "b", "a"]);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_focus_passes_to_the_next_row_when_one_leaves() {
    let server = Server::start().await;
    add_all(&server.client, &["a", "b", "c"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click("[href='#/active']").await;
    browser
        .run("document.querySelector('.toggle').focus()")
        .await;
    browser.press(" ").await;
    until_list_is(&browser, &["b", "c"]).await;
    let focused = "return document.activeElement.getAttribute('aria-label')";
    assert_eq!(browser.run(focused).await, "Done: b");
    browser.press(TAB).await;
    browser.press(DELETE).await;
    until_list_is(&browser, &["c"]).await;
    let focused = "return document.activeElement.textContent";
    assert_eq!(browser.run(focused).await, "c");
    browser.press(DELETE).await;
    until_list_is(&browser, &[]).await;
    let focused = "return document.activeElement.id";
    assert_eq!(browser.run(focused).await, "new-todo");
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_always_room_between_two_todos() {
    let server = Server::start().await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let script = "const { between, makeRoom } = await import('/web/order.js');
        const all = Array.from({ length: 300 }, (_, at) => ({ id: at, order: at < 200 ? 1 : at }));
        let made = 0;
        for (let time = 0; time < 2000; time += 1) {
          const [moved] = all.splice(time % all.length, 1);
          const at = (time * 7) % 5 + 100;
          all.splice(at, 0, moved);
          const order = between(all[at - 1], all[at + 1]);
          if (order !== null) moved.order = order;
          else for (const [one, order] of makeRoom(all, at)) one.order = order, made += 1;
          if (!(all[at - 1].order < moved.order && moved.order < all[at + 1].order)) return `no room at ${time}`;
        }
        return made;";
    let made = browser
        .run(&format!("return (async () => {{ {script} }})()"))
        .await;
    let made = made.as_u64().unwrap_or_else(|| panic!("{made}"));
    assert!(made < 30_000, "{made} orders for 2,000 moves");
    drop(browser);
    server.stop().await;
}

/// After the first deletion the next row is under the pointer, and has the focus.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_double_click_or_a_held_key_deletes_one_todo() {
    let server = Server::start().await;
    add_all(&server.client, &["a", "b", "c", "d", "e"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    double_click(&browser, ".destroy").await;
    until_list_is(&browser, &["b", "c", "d", "e"]).await;
    for (part, key, text, number) in [
        (".title", "Delete", "", 46),
        (".destroy", "Enter", "\r", 13),
    ] {
        let script = format!("document.querySelector('{part}').focus()");
        browser.run(&script).await;
        for repeats in [false, true, true] {
            let event = json!({
                "type": "keyDown", "key": key, "code": key, "text": text,
                "windowsVirtualKeyCode": number, "autoRepeat": repeats,
            });
            browser.devtools("Input.dispatchKeyEvent", event).await;
            browser
                .run("return new Promise((done) => setTimeout(done, 100))")
                .await;
        }
        let up = json!({ "type": "keyUp", "key": key, "code": key });
        browser.devtools("Input.dispatchKeyEvent", up).await;
        let left: &[_] = if key == "Delete" {
            &["c", "d", "e"]
        } else {
            &["d", "e"]
        };
        until_list_is(&browser, left).await;
    }
    drop(browser);
    server.stop().await;
}

/// A tab may end at the moment when this one opens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_todo_comes_back_in_its_own_tab_and_is_parked_in_others() {
    let server = Server::start().await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".new-todo").await;
    browser.press("half a todo").await;
    let other = "const name = Object.keys(localStorage).find((name) => name.startsWith('todo.drafts.'));
        localStorage.setItem('todo.drafts.other', localStorage.getItem(name).replaceAll('half a todo', 'other words'))";
    browser.run(other).await;
    browser.reload().await;
    let field = "document.querySelector('.new-todo').value";
    browser
        .wait_for(&format!("{field} === 'half a todo'"))
        .await;
    until_seen(&browser, "#parked", "other words").await;
    browser
        .run(&other.replace("other words", "more words"))
        .await;
    browser
        .run("document.querySelector('.new-todo').select(), document.execCommand('delete')")
        .await;
    browser
        .wait_for("Object.keys(localStorage).filter((name) => name.startsWith('todo.drafts.')).length === 1")
        .await;
    browser.reload().await;
    until_seen(&browser, "#parked", "more words").await;
    assert_eq!(browser.run(&format!("return {field}")).await, "");
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_for_all_stays_under_the_pointer() {
    let server = Server::start().await;
    add_all(&server.client, &["a", "b"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let place = "const { x, y, width, height } = document.querySelector('.toggle-all').getBoundingClientRect();
        return [x, y, width, height].map(Math.round).join()";
    for size in [DESKTOP, PHONE] {
        browser.resize(size).await;
        until_list_is(&browser, &["a", "b"]).await;
        let before = browser.run(place).await;
        browser.click(".toggle-all").await;
        until_list_is(&browser, &["a x", "b x"]).await;
        assert_eq!(browser.run(place).await, before);
        browser.click(".toggle-all").await;
        until_list_is(&browser, &["a", "b"]).await;
        assert_eq!(browser.run(place).await, before);
        browser
            .screenshot(&format!("web-for-all-{}", size.width))
            .await;
    }
    drop(browser);
    server.stop().await;
}
