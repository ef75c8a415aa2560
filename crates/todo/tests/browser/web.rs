//! The web app at `/`, as a person uses it.

use axum::http::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, DESKTOP, ENTER, PHONE, TAB, Theme};
use crate::looks::{check_contrast, check_width};
use crate::server::{Client, Server, config};

pub(crate) const ESCAPE: &str = "\u{e00c}";
const ALT: &str = "\u{e00a}";
const CONTROL: &str = "\u{e009}";
const DOWN: &str = "\u{e015}";

/// The titles in their order, each with a mark: `x` done, `?` not sent yet.
const LIST: &str = "[...document.querySelectorAll('.todo')].map((row) => row.querySelector('.title').textContent \
     + (row.classList.contains('completed') ? ' x' : '') + (row.classList.contains('pending') ? ' ?' : ''))";

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
    // It can be taken back, as it was.
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
async fn a_deletion_is_sent_when_it_can_no_longer_be_undone() {
    let server = Server::start().await;
    add_all(&server.client, &["keep", "drop"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click("[aria-label='Delete drop']").await;
    until_list_is(&browser, &["keep"]).await;
    let toast = "document.querySelector('#toast').hidden";
    browser.wait_for(&format!("!{toast}")).await;
    assert_eq!(titles(&server.client).await, ["keep", "drop"]);
    browser.wait_for(toast).await;
    browser
        .wait_for("!Object.keys(localStorage).some((name) => name.startsWith('todo.outbox.'))")
        .await;
    assert_eq!(titles(&server.client).await, ["keep"]);
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
async fn notes_and_a_checklist_are_kept_beside_a_todo() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "shopping" })).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".open").await;
    browser.click(".notes").await;
    browser.press("the shop closes at eight").await;
    browser.click(".new-item").await;
    for step in ["milk", "bread"] {
        browser.press(step).await;
        browser.press(ENTER).await;
    }
    let steps = "[...document.querySelectorAll('.items input.what')].map((step) => step.value).join() === 'milk,bread'";
    browser.wait_for(steps).await;
    browser.click("[aria-label='Done: milk']").await;
    browser
        .wait_for("document.querySelector('.items .done')")
        .await;
    browser.screenshot("web-panel-1280-light").await;
    check_contrast(&browser).await;
    browser.press(ESCAPE).await;
    browser
        .wait_for("document.querySelector('#panel').hidden")
        .await;
    browser
        .wait_for("document.querySelector('.has-notes')")
        .await;
    let url = todo["url"].as_str().unwrap();
    let todo = server.client.get(url).await.json();
    assert_eq!(todo["notes"], "the shop closes at eight");
    let items = server.client.get(&format!("{url}/items")).await.json();
    assert_eq!(items[0]["title"], "milk");
    assert_eq!(items[0]["completed"], true);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_types_is_not_disturbed_by_what_others_change() {
    let server = Server::start().await;
    let todo = add(&server.client, json!({ "title": "shopping" })).await;
    let items = format!("{}/items", todo["url"].as_str().unwrap());
    let step = json!({ "title": "milk" });
    server.client.post(&items, &step).await.expect(201);
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".open").await;
    browser.click(".items .what").await;
    browser.press("!").await;
    add(&server.client, json!({ "title": "from elsewhere" })).await;
    until_list_is(&browser, &["shopping", "from elsewhere"]).await;
    let typed = "return document.activeElement.value";
    assert_eq!(browser.run(typed).await, "milk!");
    browser.press(ENTER).await;
    browser
        .wait_for("document.querySelector('.items .what').value === 'milk!'")
        .await;
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_windows_and_the_api_see_each_other() {
    let server = Server::start().await;
    let Some(one) = open(&server).await else {
        return;
    };
    let Some(other) = open(&server).await else {
        return;
    };
    write(&one, "from one").await;
    until_list_is(&other, &["from one"]).await;
    other.click(".toggle").await;
    until_list_is(&one, &["from one x"]).await;
    let todo = add(&server.client, json!({ "title": "from the API" })).await;
    until_list_is(&one, &["from one x", "from the API"]).await;
    let url = todo["url"].as_str().unwrap();
    server.client.delete(url).await.expect(204);
    until_list_is(&one, &["from one x"]).await;
    until_list_is(&other, &["from one x"]).await;
    drop((one, other));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_while_the_service_is_away_is_kept_and_sent() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("todo.db");
    let server = Server::on(database.clone()).await;
    add_all(&server.client, &["before"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    until_list_is(&browser, &["before"]).await;
    let address: std::net::SocketAddr = server.client.address.parse().unwrap();
    server.stop().await;
    write(&browser, "meanwhile").await;
    until_list_is(&browser, &["before", "meanwhile ?"]).await;
    browser.click("[aria-label='Done: before']").await;
    browser
        .wait_for("!document.querySelector('#away').hidden && document.querySelector('#away').innerText.includes('2 changes')")
        .await;
    browser.screenshot("web-away-1280-light").await;
    let server = Server::with(todo::service::Config {
        database: Some(database),
        port: address.port(),
        ..config()
    })
    .await;
    until_list_is(&browser, &["before x", "meanwhile"]).await;
    browser
        .wait_for("document.querySelector('#away').hidden")
        .await;
    assert_eq!(titles(&server.client).await, ["before", "meanwhile"]);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_markup_in_a_title_is_run_and_every_script_has_its_direction() {
    let server = Server::start().await;
    let hostile =
        "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>";
    add_all(&server.client, &[hostile, "لا تنس الخبز", "🥛 milk"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    until_list_is(&browser, &[hostile, "لا تنس الخبز", "🥛 milk"]).await;
    browser.click(".open").await;
    assert_eq!(browser.run("return document.title").await, "Todo");
    assert_eq!(
        browser
            .run("return document.querySelectorAll('main img, main script, aside img').length")
            .await,
        0
    );
    let direction = "return getComputedStyle(document.querySelectorAll('.title')[1]).direction";
    assert_eq!(browser.run(direction).await, "rtl");
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_megabyte_in_the_field_is_refused_in_words_and_not_lost() {
    let server = Server::start().await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".new-todo").await;
    browser
        .run("document.querySelector('.new-todo').value = 'x'.repeat(1 << 20)")
        .await;
    browser.press(ENTER).await;
    browser
        .wait_for("document.querySelector('#hint').innerText.includes('at most 500 characters; this has 1,048,576')")
        .await;
    let kept = "return document.querySelector('.new-todo').value.length";
    assert_eq!(browser.run(kept).await, 1 << 20);
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_todos_are_there_and_can_be_scrolled() {
    let server = Server::start().await;
    let titles: Vec<_> = (0..10_000)
        .map(|n| json!({ "title": format!("todo {n}") }))
        .collect();
    for some in titles.chunks(500) {
        let created = some.iter().map(|body| server.client.post("/todos", body));
        futures_util::future::join_all(created).await;
    }
    let Some(browser) = open(&server).await else {
        return;
    };
    browser
        .wait_for("document.querySelectorAll('.todo').length === 10000")
        .await;
    // How long most of a hundred steps of scrolling keep the page from being drawn; a busy machine may take
    // its time over a few.
    let script = "(async () => {
            const steps = [];
            for (let last = performance.now(); steps.length < 100; ) {
              scrollBy(0, 2000);
              await new Promise(requestAnimationFrame);
              const now = performance.now();
              steps.push(now - last);
              last = now;
            }
            window.steps = steps.sort((one, other) => one - other);
          })()";
    browser.run(script).await;
    browser.wait_for("window.steps").await;
    let median = browser.run("return window.steps[50]").await;
    assert!(median.as_f64().unwrap() < 50.0, "{median} ms");
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_app_can_be_read_in_light_and_dark_on_a_desk_and_on_a_phone() {
    let server = Server::start().await;
    let long = "Write to Aunt Olga about the summer house, and ask whether the boat is still there or was sold last autumn";
    add_all(&server.client, &["Buy milk 🥛", "لا تنس الخبز", long]).await;
    add(
        &server.client,
        json!({ "title": "Pay rent", "completed": true }),
    )
    .await;
    let Some(browser) = open(&server).await else {
        return;
    };
    for (size, name) in [(DESKTOP, "1280"), (PHONE, "390")] {
        browser.resize(size).await;
        for (theme, of) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            browser.prefer(theme).await;
            browser.reload().await;
            browser
                .wait_for("document.querySelectorAll('.todo').length === 4")
                .await;
            check_contrast(&browser).await;
            check_width(&browser).await;
            browser.screenshot(&format!("web-{name}-{of}")).await;
        }
    }
    drop(browser);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_control_has_a_name_and_is_reached_by_keyboard() {
    let server = Server::start().await;
    add_all(&server.client, &["milk"]).await;
    let Some(browser) = open(&server).await else {
        return;
    };
    browser.click(".open").await;
    let controls = "a, button, input, textarea, [role=button]";
    for (name, role) in browser.names_and_roles(controls).await {
        assert!(!name.is_empty(), "a {role} without a name");
    }
    let lists = browser.names_and_roles("ul").await;
    assert!(
        lists.contains(&("Todos".to_owned(), "list".to_owned())),
        "{lists:?}"
    );
    browser.press(ESCAPE).await;
    browser.click(".new-todo").await;
    let mut reached = Vec::new();
    for _ in 0..8 {
        browser.press(TAB).await;
        let name = browser
            .run("return document.activeElement.className || document.activeElement.textContent")
            .await;
        reached.push(name.as_str().unwrap().to_owned());
    }
    for part in [
        "toggle",
        "title",
        "open",
        "destroy",
        "All",
        "Active",
        "Completed",
    ] {
        assert!(
            reached
                .iter()
                .any(|name| name.starts_with(part) || name == "selected"),
            "{part}: {reached:?}"
        );
    }
    drop(browser);
    server.stop().await;
}

#[tokio::test]
async fn the_first_load_is_small_and_all_from_here() {
    let server = Server::start().await;
    let mut total = 0;
    let page = text(&server.client, "/").await;
    let mut files = vec!["/web/app.js".to_owned()];
    files.extend(
        page.split('"')
            .filter(|part| part.ends_with(".css"))
            .map(ToOwned::to_owned),
    );
    total += size(&server.client, "/").await;
    let mut at = 0;
    while at < files.len() {
        let file = files[at].clone();
        total += size(&server.client, &file).await;
        let source = text(&server.client, &file).await;
        for import in source.split("from \"./").skip(1) {
            let name = format!("/web/{}", import.split('"').next().unwrap());
            if !files.contains(&name) {
                files.push(name);
            }
        }
        at += 1;
    }
    assert!(files.len() >= 12, "{files:?}");
    assert!(total < 100_000, "{total} bytes");
    println!(
        "the first load has {total} bytes in {} files",
        files.len() + 1
    );
    server.stop().await;
}

async fn text(client: &Client, path: &str) -> String {
    let answer = client.get(path).await.expect(200);
    String::from_utf8(answer.body.to_vec()).unwrap()
}

async fn size(client: &Client, path: &str) -> usize {
    let request = client
        .request(Method::GET, path)
        .header("accept-encoding", "gzip");
    client.send(request, "").await.expect(200).body.len()
}
