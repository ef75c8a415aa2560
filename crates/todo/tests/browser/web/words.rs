//! Checks that the app and the service accept the same titles.

use serde_json::json;
use todo_core::Title;

use super::*;

/// Asks both about every character. Why: a title that the app accepts and the service refuses would
/// stay in the outbox for ever.
#[tokio::test]
async fn the_app_and_the_service_see_the_same_characters() {
    let server = Server::start().await;
    let Some(browser) = open(&server).await else {
        return;
    };
    let script = "const { line } = await import('/web/words.js');
        const seen = [];
        for (let c = 0x20; c <= 0x10ffff; c++) {
            if (c >= 0x7f && c <= 0x9f || c >= 0xd800 && c <= 0xdfff) continue;
            if (!line(String.fromCodePoint(c))) seen.push(c);
        }
        return seen;";
    let blank = browser
        .run(&format!("return (async () => {{ {script} }})()"))
        .await;
    let chars = (' '..=char::MAX).filter(|c| !c.is_control());
    let refused = chars.filter(|c| Title::parse(&c.to_string()).is_err());
    let refused: Vec<_> = refused.map(u32::from).collect();
    assert_eq!(blank, json!(refused));
    server.stop().await;
}

#[tokio::test]
async fn words_that_cannot_be_seen_add_nothing() {
    let server = Server::start().await;
    let Some(browser) = open(&server).await else {
        return;
    };
    write(&browser, "👩\u{200d}👧 milk").await;
    until_list_is(&browser, &["👩\u{200d}👧 milk"]).await;
    write(&browser, "\u{200b}\u{3164}").await;
    // If the words had been sent, they would be in the list before this one.
    add(&server.client, json!({ "title": "last" })).await;
    until_list_is(&browser, &["👩\u{200d}👧 milk", "last"]).await;
    server.stop().await;
}
