//! Typing while other windows change, move or delete the same todo.

use serde_json::json;

use super::{
    ESCAPE, SENT, add, add_all, open, press_button, titles, until_list_is, until_seen,
    until_server, url, write,
};
use crate::browser::{Browser, ENTER};
use crate::server::Server;

const NOTE: &str = ".editing .note";

async fn edit(browser: &Browser, words: &str) {
    browser.click(".title").await;
    browser.press(ENTER).await;
    browser.press(words).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_is_edited_keeps_focus_caret_and_composition_while_others_move_it() {
    let server = Server::start().await;
    let first = add(&server.client, json!({ "title": "milk" })).await;
    add_all(&server.client, &["bread", "salt"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    until_list_is(&browser, &["milk", "bread", "salt"]).await;
    edit(&browser, " half").await;
    let watch = "window.ended = 0;
        const field = document.querySelector('.editing .edit');
        field.addEventListener('blur', () => (window.ended += 1));
        field.addEventListener('compositionend', () => (window.ended += 1));
        field.setSelectionRange(2, 2);";
    browser.run(watch).await;
    browser.compose("に").await;
    for (order, at) in [(100.0, 2), (-100.0, 0), (2.5, 1)] {
        let order = json!({ "order": order });
        server.client.patch(url(&first), &order).await.expect(200);
        browser
            .wait_for(&format!("[...document.querySelectorAll('.todo')].findIndex((row) => row.classList.contains('editing')) === {at}"))
            .await;
    }
    let state = "const { value, selectionStart } = document.activeElement;
        return [value, selectionStart, window.ended]";
    assert_eq!(browser.run(state).await, json!(["miにlk half", 3, 0]));
    browser.compose_to("日").await;
    browser.press(ENTER).await;
    until_server(&server, url(&first), "title", json!("mi日lk half")).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_of_a_todo_that_another_deletes_goes_on_and_restores_it() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "milk", "notes": "two" })).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    edit(&browser, " and").await;
    server.client.delete(url(&todo)).await.expect(204);
    until_seen(&browser, NOTE, "deleted in another window").await;
    browser.press(" more").await;
    let new_todo = "return document.querySelector('.new-todo').value";
    assert_eq!(browser.run(new_todo).await, "");
    browser.press(ENTER).await;
    until_list_is(&browser, &["milk and more"]).await;
    browser.wait_for(SENT).await;
    let restored = server.client.get(url(&todo)).await.expect(200).json();
    assert_eq!(
        (&restored["title"], &restored["notes"]),
        (&json!("milk and more"), &json!("two"))
    );
    // When the field is left without a decision, the words are parked.
    edit(&browser, " again").await;
    server.client.delete(url(&todo)).await.expect(204);
    until_seen(&browser, NOTE, "deleted in another window").await;
    browser.click("h1").await;
    until_seen(&browser, "#parked", "milk and more again").await;
    until_list_is(&browser, &[]).await;
    press_button(&browser, "#parked", "Restore it with this text").await;
    until_list_is(&browser, &["milk and more again"]).await;
    browser.wait_for("localStorage.length === 0").await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_edits_a_title_that_another_changes_sees_both_and_chooses() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "milk" })).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let change = async |title: &str| {
        let title = json!({ "title": title });
        server.client.patch(url(&todo), &title).await.expect(200);
        until_seen(&browser, NOTE, title["title"].as_str().unwrap()).await;
    };
    edit(&browser, " mine").await;
    change("theirs").await;
    let value = "return document.activeElement.value";
    assert_eq!(browser.run(value).await, "milk mine");
    press_button(&browser, NOTE, "Take theirs").await;
    until_list_is(&browser, &["theirs"]).await;
    edit(&browser, " mine").await;
    change("theirs again").await;
    press_button(&browser, NOTE, "Keep mine").await;
    until_server(&server, url(&todo), "title", json!("theirs mine")).await;
    until_list_is(&browser, &["theirs mine"]).await;
    // When the field is left without a decision, neither text is lost.
    edit(&browser, " more").await;
    change("the last").await;
    browser.click("h1").await;
    until_seen(&browser, "#parked", "theirs mine more").await;
    until_list_is(&browser, &["the last"]).await;
    browser.reload().await;
    until_seen(&browser, "#parked", "theirs mine more").await;
    press_button(&browser, "#parked", "Use mine").await;
    until_server(&server, url(&todo), "title", json!("theirs mine more")).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_write_notes_on_one_todo_see_both_texts() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "trip" })).await;
    let Some(one) = open(&server).await else {
        return;
    };
    let Some(other) = open(&server).await else {
        return;
    };
    for (browser, words) in [(&one, "ferry at nine"), (&other, "train at ten")] {
        browser.click(".open").await;
        browser.click(".notes").await;
        browser.press(words).await;
    }
    // The window that saves later finds the notes changed, or learns it from the stream.
    let (early, late) = tokio::select! {
        () = until_seen(&one, ".panel .note", "train at ten") => (&other, &one),
        () = until_seen(&other, ".panel .note", "ferry at nine") => (&one, &other),
    };
    let value = "return document.activeElement.value";
    let texts = [early.run(value).await, late.run(value).await];
    late.press("!").await;
    assert_eq!(
        late.run(value).await,
        format!("{}!", texts[1].as_str().unwrap())
    );
    assert_eq!(early.run(value).await, texts[0]);
    late.screenshot("web-both-notes-1280-light").await;
    press_button(late, ".panel .note", "Keep mine").await;
    let kept = late.run(value).await;
    until_server(&server, url(&todo), "notes", kept.clone()).await;
    until_seen(early, ".panel .note", kept.as_str().unwrap()).await;
    assert_eq!(early.run(value).await, texts[0]);
    press_button(early, ".panel .note", "Take theirs").await;
    assert_eq!(early.run(value).await, kept);
    drop((one, other));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_and_a_reset_leave_the_row_that_is_edited() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "milk" })).await;
    add_all(&server.client, &["bread"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click("[href='#/active']").await;
    edit(&browser, " half").await;
    let done = json!({ "completed": true });
    server.client.patch(url(&todo), &done).await.expect(200);
    until_list_is(&browser, &["milk x", "bread"]).await;
    browser.press(" typed").await;
    let state = "return [document.activeElement.className, document.activeElement.value]";
    assert_eq!(browser.run(state).await, json!(["edit", "milk half typed"]));
    browser.press(ENTER).await;
    until_list_is(&browser, &["bread"]).await;
    until_server(&server, url(&todo), "title", json!("milk half typed")).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_is_edited_stays_when_another_moves_changes_or_deletes_it() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "shopping" })).await;
    let items = format!("{}/items", url(&todo));
    let mut steps = Vec::new();
    for title in ["milk", "bread"] {
        let step = json!({ "title": title });
        steps.push(server.client.post(&items, &step).await.expect(201).json());
    }
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".open").await;
    browser.click(".items .what").await;
    browser.press("!").await;
    let order = json!({ "order": 50, "title": "oat milk" });
    server
        .client
        .patch(url(&steps[0]), &order)
        .await
        .expect(200);
    until_seen(&browser, ".items .note", "oat milk").await;
    browser.press("!").await;
    let value = "return document.activeElement.value";
    assert_eq!(browser.run(value).await, "milk!!");
    press_button(&browser, ".items .note", "Keep mine").await;
    until_server(&server, url(&steps[0]), "title", json!("milk!!")).await;
    browser.click(".items li:last-child .what").await;
    browser.press("?").await;
    server.client.delete(url(&steps[0])).await.expect(204);
    until_seen(&browser, ".items .note", "deleted in another window").await;
    browser.press("?").await;
    assert_eq!(browser.run(value).await, "milk!!??");
    browser.press(ENTER).await;
    until_server(&server, url(&steps[0]), "title", json!("milk!!??")).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_panel_of_a_deleted_todo_stays_with_what_was_typed_and_restores_it() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "trip" })).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".open").await;
    browser.click(".new-item").await;
    browser.press("pack").await;
    browser.press(ENTER).await;
    browser.wait_for(SENT).await;
    browser.press("half a step").await;
    browser.click(".notes").await;
    browser.press("ferry").await;
    server.client.delete(url(&todo)).await.expect(204);
    until_seen(&browser, ".panel .note", "was deleted in another window").await;
    browser.press(" at nine").await;
    let value = "return document.activeElement.value";
    assert_eq!(browser.run(value).await, "ferry at nine");
    browser.press(ESCAPE).await;
    until_seen(&browser, "#parked", "ferry at nine").await;
    until_seen(&browser, "#parked", "half a step").await;
    press_button(&browser, "#parked", "Restore it with this text").await;
    until_list_is(&browser, &["trip"]).await;
    browser.wait_for("localStorage.length === 0").await;
    let restored = server.client.get(url(&todo)).await.expect(200).json();
    assert_eq!(restored["notes"], "ferry at nine");
    let items = format!("{}/items", url(&todo));
    let items = server.client.get(&items).await.json();
    let items = items.as_array().unwrap().iter();
    let items: Vec<_> = items.map(|item| &item["title"]).collect();
    assert_eq!(items, ["pack", "half a step"]);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_of_one_panel_never_land_in_another() {
    let server = Server::start().await;
    let one = add(&server.client, json!({ "title": "one" })).await;
    let other = add(&server.client, json!({ "title": "other" })).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let open = async |n: usize| {
        browser
            .run(&format!("document.querySelectorAll('.open')[{n}].click()"))
            .await;
    };
    open(0).await;
    browser.click(".new-item").await;
    browser.press("half a step").await;
    browser.click(".notes").await;
    browser.press("of one").await;
    open(1).await;
    let fields = "return [document.querySelector('.notes').value, document.querySelector('.new-item').value]";
    assert_eq!(browser.run(fields).await, json!(["", ""]));
    until_server(&server, url(&one), "notes", json!("of one")).await;
    open(0).await;
    assert_eq!(browser.run(fields).await, json!(["of one", "half a step"]));
    let other = server.client.get(url(&other)).await.json();
    assert_eq!(other["notes"], json!(null));
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_typed_words_come_back_after_a_reload() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "milk" })).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".open").await;
    browser.click(".new-item").await;
    browser.press("half a step").await;
    browser.press(ESCAPE).await;
    browser.click(".new-todo").await;
    browser.press("half a todo").await;
    edit(&browser, " half a title").await;
    browser.reload().await;
    browser
        .wait_for("document.querySelector('.new-todo').value === 'half a todo'")
        .await;
    until_seen(&browser, "#parked", "milk half a title").await;
    until_seen(&browser, "#parked", "half a step").await;
    for _ in 0..2 {
        press_button(&browser, "#parked", "Save").await;
    }
    until_list_is(&browser, &["milk half a title"]).await;
    until_server(&server, url(&todo), "title", json!("milk half a title")).await;
    browser.click(".new-todo").await;
    browser.press(ENTER).await;
    browser.wait_for("localStorage.length === 0").await;
    assert_eq!(
        titles(&server.client).await,
        ["milk half a title", "half a todo"]
    );
    let items = server.client.get("/items").await.json();
    assert_eq!(items["items"][0]["title"], "half a step");
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_that_waited_overwrites_nothing_that_it_has_not_seen() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "milk" })).await;
    let Some(browser) = super::open_with(&server, super::SWITCH).await else {
        return;
    };
    until_list_is(&browser, &["milk"]).await;
    browser.run("window.down = true").await;
    edit(&browser, " mine").await;
    browser.press(ENTER).await;
    browser.click(".toggle").await;
    until_list_is(&browser, &["milk mine x ?"]).await;
    let theirs = json!({ "title": "theirs" });
    server.client.patch(url(&todo), &theirs).await.expect(200);
    browser.run("window.down = false").await;
    until_seen(&browser, "#parked", "milk mine").await;
    until_list_is(&browser, &["theirs x"]).await;
    browser.wait_for(SENT).await;
    let now = server.client.get(url(&todo)).await.json();
    assert_eq!(
        (&now["title"], &now["completed"]),
        (&json!("theirs"), &json!(true))
    );
    write(&browser, "goes on").await;
    until_list_is(&browser, &["theirs x", "goes on"]).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notes_that_waited_replace_others_only_when_the_person_says_so() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "trip" })).await;
    let Some(browser) = super::open_with(&server, super::SWITCH).await else {
        return;
    };
    until_list_is(&browser, &["trip"]).await;
    browser.click(".open").await;
    browser.click(".notes").await;
    browser.run("window.down = true").await;
    browser.press("mine").await;
    until_list_is(&browser, &["trip ?"]).await;
    let theirs = json!({ "notes": "theirs" });
    server.client.patch(url(&todo), &theirs).await.expect(200);
    browser.run("window.down = false").await;
    until_seen(&browser, ".panel .note", "theirs").await;
    // The panel does not save the typed text, even after its timer has fired.
    browser.press(" and more").await;
    let saving = "window.waited ??= performance.now(), performance.now() - window.waited > 1500";
    browser.wait_for(&format!("({saving})")).await;
    let now = server.client.get(url(&todo)).await.json();
    assert_eq!(now["notes"], "theirs");
    press_button(&browser, ".panel .note", "Keep mine").await;
    until_server(&server, url(&todo), "notes", json!("mine and more")).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_that_were_overwritten_before_their_answer_came_are_parked() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "trip" })).await;
    let held = "const real = window.fetch;
        window.fetch = async (path, options) => {
          const answer = await real(path, options);
          if (options.method === 'PATCH') await new Promise((come) => { window.come = come; });
          return answer;
        };";
    let Some(browser) = super::open_with(&server, held).await else {
        return;
    };
    until_list_is(&browser, &["trip"]).await;
    edit(&browser, " to Rome").await;
    browser.press(ENTER).await;
    browser.wait_for("window.come").await;
    let theirs = json!({ "title": "theirs" });
    server.client.patch(url(&todo), &theirs).await.expect(200);
    // Events arrive in order. The page has received a later one, so it has received the change,
    // too.
    add_all(&server.client, &["later"]).await;
    until_list_is(&browser, &["trip to Rome ?", "later"]).await;
    browser.run("window.come()").await;
    until_seen(&browser, "#parked", "trip to Rome").await;
    until_list_is(&browser, &["theirs", "later"]).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_takes_no_words_that_came_after_it() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "milk" })).await;
    let Some(browser) = super::open_with(&server, super::SWITCH).await else {
        return;
    };
    until_list_is(&browser, &["milk"]).await;
    browser.run("window.down = true").await;
    browser.click("[aria-label='Delete milk']").await;
    until_list_is(&browser, &[]).await;
    let theirs = json!({ "notes": "not before noon" });
    server.client.patch(url(&todo), &theirs).await.expect(200);
    browser.run("window.down = false").await;
    until_seen(&browser, "#notice", "“milk” was changed in another window").await;
    until_list_is(&browser, &["milk"]).await;
    server.client.get(url(&todo)).await.expect(200);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notes_typed_just_before_a_reload_are_kept() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "trip" })).await;
    let Some(browser) = super::open_with(&server, super::SWITCH).await else {
        return;
    };
    until_list_is(&browser, &["trip"]).await;
    browser.click(".open").await;
    browser.click(".notes").await;
    // One script does everything, so that no timer saves the notes first. Requests fail meanwhile.
    let type_and_leave = "window.down = true;
        const area = document.activeElement;
        area.value = 'ferry at nine';
        area.dispatchEvent(new Event('input'));
        location.reload()";
    browser.run(type_and_leave).await;
    until_server(&server, url(&todo), "notes", json!("ferry at nine")).await;
    browser.wait_for("localStorage.length === 0").await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notes_that_were_refused_replace_nothing_unseen_without_the_stream() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "trip" })).await;
    // This stream never delivers an event.
    let script = format!(
        "{}; window.EventSource = class extends EventTarget {{ close() {{}} }};",
        super::SWITCH
    );
    let Some(browser) = super::open_with(&server, &script).await else {
        return;
    };
    until_list_is(&browser, &["trip"]).await;
    browser.click(".open").await;
    browser.click(".notes").await;
    let theirs = json!({ "notes": "theirs" });
    server.client.patch(url(&todo), &theirs).await.expect(200);
    browser.press("mine").await;
    until_seen(&browser, ".panel .note", "theirs").await;
    browser.press(" and more").await;
    let saving = "window.waited ??= performance.now(), performance.now() - window.waited > 2500";
    browser.wait_for(&format!("({saving})")).await;
    until_seen(&browser, ".panel .note", "theirs").await;
    let now = server.client.get(url(&todo)).await.json();
    assert_eq!(now["notes"], "theirs");
    press_button(&browser, ".panel .note", "Keep mine").await;
    until_server(&server, url(&todo), "notes", json!("mine and more")).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notes_that_the_service_refuses_survive_a_reload() {
    let server = Server::start().await;
    add(&server.client, json!({ "title": "trip" })).await;
    let refusing = "const real = window.fetch;
        window.fetch = (path, options) => options?.method === 'PATCH'
          ? Promise.resolve(new Response(JSON.stringify({ title: 'Refused', detail: 'not today' }), { status: 422 }))
          : real(path, options);";
    let Some(browser) = super::open_with(&server, refusing).await else {
        return;
    };
    until_list_is(&browser, &["trip"]).await;
    browser.click(".open").await;
    browser.click(".notes").await;
    browser.press("mine").await;
    until_seen(&browser, ".panel .problem", "not today").await;
    let stored = "Object.keys(localStorage).some((name) => name.startsWith('todo.drafts.') && localStorage[name].includes('mine'))";
    browser.wait_for(stored).await;
    browser.reload().await;
    until_seen(&browser, "#parked", "mine").await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_is_too_long_holds_its_panel() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "one" })).await;
    add_all(&server.client, &["other"]).await;
    let step = json!({ "title": "milk" });
    let items = format!("{}/items", url(&todo));
    server.client.post(&items, &step).await.expect(201);
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".open").await;
    browser.click(".items .what").await;
    browser.press(&"m".repeat(501)).await;
    browser.run("history.back()").await;
    until_seen(&browser, ".panel .problem", "at most 500").await;
    browser
        .run("document.querySelectorAll('.open')[1].click()")
        .await;
    let state = "return [document.querySelector('#panel-title').textContent, document.activeElement.value.length]";
    assert_eq!(browser.run(state).await, json!(["one", 505]));
    browser.press(ESCAPE).await;
    browser
        .run("document.querySelectorAll('.open')[1].click()")
        .await;
    until_seen(&browser, "#panel-title", "other").await;
    browser
        .wait_for("!document.querySelector('.items .what')")
        .await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_another_deletes_is_gone_when_its_words_are_discarded() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "shopping" })).await;
    let step = json!({ "title": "milk" });
    let items = format!("{}/items", url(&todo));
    let step = server.client.post(&items, &step).await.expect(201).json();
    let watch = "const real = window.fetch;
        window.patched = 0;
        window.fetch = (path, options) => (window.patched += options?.method === 'PATCH', real(path, options));";
    let Some(browser) = super::open_with(&server, watch).await else {
        return;
    };
    until_list_is(&browser, &["shopping"]).await;
    browser.click(".open").await;
    browser
        .wait_for("document.querySelector('.items .what')")
        .await;
    browser.click(".items .what").await;
    browser.press("!").await;
    server.client.delete(url(&step)).await.expect(204);
    until_seen(&browser, ".items .note", "deleted in another window").await;
    press_button(&browser, ".items .note", "Discard").await;
    browser
        .wait_for("!document.querySelector('.items .what') && localStorage.length === 0")
        .await;
    let state = "return [window.patched, document.querySelector('#parked').hidden]";
    assert_eq!(browser.run(state).await, json!([0, true]));
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_half_typed_step_is_parked_as_soon_as_its_todo_is_deleted() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "trip" })).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".open").await;
    browser.click(".new-item").await;
    browser.press("half a step").await;
    browser.press(ESCAPE).await;
    server.client.delete(url(&todo)).await.expect(204);
    until_seen(&browser, "#parked", "half a step").await;
    press_button(&browser, "#parked", "Restore it with this text").await;
    until_list_is(&browser, &["trip"]).await;
    browser.wait_for("localStorage.length === 0").await;
    let items = server.client.get("/items").await.json();
    assert_eq!(items["items"][0]["title"], "half a step");
    drop(browser);
    server.stop().await;
}
