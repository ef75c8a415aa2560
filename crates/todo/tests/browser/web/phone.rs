//! The app on a phone.

use serde_json::json;

use super::{ESCAPE, add, add_all, open, until_list_is};
use crate::browser::{Browser, PHONE, Size, TAB, Theme};
use crate::looks::check_width;
use crate::server::Server;

const SMALL: Size = Size {
    width: 320,
    height: 568,
};
const OPEN: &str = "!document.querySelector('#panel').hidden";
const CLOSED: &str = "document.querySelector('#panel').hidden";

async fn phone(server: &Server, size: Size) -> Option<Browser> {
    let browser = open(server).await?;
    browser.resize(size).await;
    browser.use_fingers().await;
    browser.reload().await;
    browser.wait_for("document.querySelector('.todo')").await;
    Some(browser)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn back_closes_what_is_open_and_forward_opens_it() {
    let server = Server::start().await;
    add_all(&server.client, &["a", "b"]).await;
    let Some(browser) = phone(&server, PHONE).await else {
        return;
    };
    browser.click("[href='#/active']").await;
    browser.click(".open").await;
    browser.wait_for(OPEN).await;
    browser.back().await;
    browser.wait_for(CLOSED).await;
    assert_eq!(browser.run("return location.hash").await, "#/active");
    let focused = "document.activeElement.textContent === 'a'";
    browser.wait_for(focused).await;
    browser.run("history.forward()").await;
    browser.wait_for(OPEN).await;
    browser.reload().await;
    browser.wait_for(OPEN).await;
    let title = "document.querySelector('#panel-title').textContent === 'a'";
    browser.wait_for(title).await;
    browser.back().await;
    browser.wait_for(CLOSED).await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_leaves_nothing_in_the_history() {
    let server = Server::start().await;
    add_all(&server.client, &["a", "b"]).await;
    let lab = server.client.url("/lab");
    let Some(browser) = phone(&server, PHONE).await else {
        return;
    };
    browser.go(&lab).await;
    browser.go(&server.client.url("/")).await;
    for _ in 0..3 {
        browser.click(".open").await;
        browser.wait_for(OPEN).await;
        browser.click(".panel .close").await;
        browser
            .wait_for(&format!("{CLOSED} && location.hash === ''"))
            .await;
    }
    browser.click(".open").await;
    browser.wait_for(OPEN).await;
    browser.press(ESCAPE).await;
    browser
        .wait_for(&format!("{CLOSED} && location.hash === ''"))
        .await;
    browser.back().await;
    browser.wait_for("location.pathname === '/lab'").await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_open_is_the_last_that_was_opened() {
    let server = Server::start().await;
    add_all(&server.client, &["a", "b"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    // The list and the panel are side by side, as on a desktop, so another todo can be opened while
    // the panel is open.
    let opened = "document.querySelector('#panel-title').textContent === 'b'";
    browser.click(".open").await;
    browser.wait_for(OPEN).await;
    browser.click(".todo:nth-child(2) .open").await;
    browser.wait_for(opened).await;
    browser.back().await;
    browser.wait_for(CLOSED).await;
    browser
        .run(
            "const [a, b] = document.querySelectorAll('.open');
             a.click(), document.querySelector('.panel .close').click(), b.click()",
        )
        .await;
    browser
        .wait_for(&format!(
            "{OPEN} && {opened} && location.hash.includes('todo')"
        ))
        .await;
    browser.click(".panel .close").await;
    browser
        .wait_for(&format!("{CLOSED} && location.hash === ''"))
        .await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_todo_can_be_linked_to() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "milk" })).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let id = todo["id"].as_str().unwrap();
    browser
        .go(&server.client.url(&format!("/lab#/todo/{id}")))
        .await;
    browser
        .go(&server.client.url(&format!("/#/todo/{id}")))
        .await;
    browser.wait_for(OPEN).await;
    browser.click(".panel .close").await;
    browser
        .wait_for(&format!("{CLOSED} && location.hash === '#/'"))
        .await;
    let gone = server
        .client
        .url("/#/todo/01890000-0000-7000-8000-000000000000");
    browser.go(&gone).await;
    browser
        .wait_for("document.querySelector('#hint').textContent.includes('not here any more')")
        .await;
    browser.wait_for("location.hash === '#/'").await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tab_stays_before_the_page_that_is_covered() {
    let server = Server::start().await;
    add_all(&server.client, &["a", "b"]).await;
    let Some(browser) = phone(&server, PHONE).await else {
        return;
    };
    browser.click(".open").await;
    browser.wait_for(OPEN).await;
    for _ in 0..12 {
        browser.press(TAB).await;
        let behind = "return document.activeElement.closest('main, header') !== null";
        assert_eq!(browser.run(behind).await, false);
    }
    browser.click(".panel .close").await;
    browser.wait_for(CLOSED).await;
    browser.click(".toggle").await;
    until_list_is(&browser, &["a x", "b"]).await;
    drop(browser);
    server.stop().await;
}

/// A script that finds fields with small letters, and small tap targets.
const SMALL_THINGS: &str = "const seen = [...document.querySelectorAll('a, button, input, textarea')].filter((one) => one.checkVisibility());
    const small = (one) => {
      const box = (one.closest('.tick') ?? one).getBoundingClientRect();
      return box.width < 24 || box.height < 24 || (matchMedia('(pointer: coarse)').matches && box.height < 36);
    };
    const fields = seen.filter((one) => one.matches('input, textarea') && parseFloat(getComputedStyle(one).fontSize) < 16);
    return [...fields, ...seen.filter(small)].map((one) => one.outerHTML);";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fields_and_targets_are_large_enough_and_nothing_sticks_out() {
    let server = Server::start().await;
    let long = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz".repeat(3);
    let todo = add(&server.client, json!({ "title": long, "completed": true })).await;
    let items = format!("{}/items", todo["url"].as_str().unwrap());
    let step = json!({ "title": long });
    server.client.post(&items, &step).await.expect(201);
    let zoomed = Size {
        width: 320,
        height: 200,
    };
    for size in [PHONE, SMALL, zoomed] {
        let Some(browser) = phone(&server, size).await else {
            return;
        };
        let coarse = "return matchMedia('(pointer: coarse)').matches";
        assert_eq!(browser.run(coarse).await, true);
        let check = async |state: &str| {
            check_width(&browser).await;
            let small = browser.run(SMALL_THINGS).await;
            assert_eq!(small, json!([]), "{state} at {}", size.width);
            browser
                .screenshot(&format!("web-{state}-{}x{}", size.width, size.height))
                .await;
        };
        check("list").await;
        browser
            .run("document.querySelector('.title').click()")
            .await;
        browser.wait_for("document.querySelector('.editing')").await;
        check("editing").await;
        browser.press(ESCAPE).await;
        browser.click(".open").await;
        browser
            .wait_for("document.querySelector('.items li')")
            .await;
        check("panel").await;
        browser.click(".panel .toggle").await;
        browser
            .wait_for("!document.querySelector('#toast').hidden")
            .await;
        check("toast").await;
        drop(browser);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fields_of_the_other_pages_are_large_enough_too() {
    let server = Server::start().await;
    add_all(&server.client, &["a"]).await;
    let Some(browser) = phone(&server, SMALL).await else {
        return;
    };
    for page in ["/lab", "/_sabr"] {
        browser.go(&server.client.url(page)).await;
        browser.wait_for("document.querySelector('input')").await;
        let small = "return [...document.querySelectorAll('input, select')]
            .filter((field) => parseFloat(getComputedStyle(field).fontSize) < 16).map((field) => field.id)";
        assert_eq!(browser.run(small).await, json!([]), "{page}");
        check_width(&browser).await;
    }
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_typed_in_stays_above_the_keyboard() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "shopping" })).await;
    let items = format!("{}/items", todo["url"].as_str().unwrap());
    for n in 0..12 {
        let step = json!({ "title": format!("step {n}") });
        server.client.post(&items, &step).await.expect(201);
    }
    let Some(browser) = phone(&server, PHONE).await else {
        return;
    };
    browser.click(".open").await;
    browser
        .wait_for("document.querySelectorAll('.items li').length === 12")
        .await;
    browser.click(".new-item").await;
    // The part of the screen above the on-screen keyboard.
    let above = Size {
        height: 420,
        ..PHONE
    };
    browser.resize(above).await;
    let seen = "(() => { const box = document.activeElement.getBoundingClientRect(); \
        return document.activeElement.matches('.new-item') && box.top >= 0 && box.bottom <= visualViewport.height; })()";
    browser.wait_for(seen).await;
    let how = "return document.querySelector('meta[name=viewport]').content";
    let how = browser.run(how).await;
    let how = how.as_str().unwrap();
    assert!(how.contains("interactive-widget=resizes-content"), "{how}");
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forced_colours_show_what_is_chosen() {
    let server = Server::start().await;
    add_all(&server.client, &["a", "b"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let forced = json!({ "features": [{ "name": "forced-colors", "value": "active" }] });
    browser.devtools("Emulation.setEmulatedMedia", forced).await;
    let border = "const of = (name) => getComputedStyle(document.querySelector(`[href='#/${name}']`)).borderColor;
        return of('') !== of('active');";
    assert_eq!(browser.run(border).await, true);
    browser.screenshot("web-forced-colours").await;
    browser.prefer(Theme::Light).await;
    drop(browser);
    server.stop().await;
}
