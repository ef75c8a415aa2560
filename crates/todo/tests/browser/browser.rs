//! A browser with one open page, and the actions of a person in it.

use std::path::PathBuf;

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::driver::Driver;

/// The size of the page, in CSS pixels.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub width: u32,
    pub height: u32,
}

pub(crate) const DESKTOP: Size = Size {
    width: 1280,
    height: 800,
};
pub(crate) const PHONE: Size = Size {
    width: 390,
    height: 844,
};

/// The colour scheme that the system prefers.
#[derive(Clone, Copy)]
pub(crate) enum Theme {
    Light,
    Dark,
}

/// Keys, by the code points that WebDriver gives them.
pub(crate) const TAB: &str = "\u{e004}";
pub(crate) const ENTER: &str = "\u{e007}";

pub(crate) struct Browser {
    driver: Driver,
}

impl Browser {
    /// Opens an address. If no browser is installed, prints that and returns `None`.
    pub(crate) async fn open(url: &str, size: Size, theme: Theme) -> Option<Self> {
        let driver = Driver::start().await?;
        let browser = Self { driver };
        browser.resize(size).await;
        browser.prefer(theme).await;
        browser.go(url).await;
        Some(browser)
    }

    pub(crate) async fn go(&self, url: &str) {
        self.command("url", json!({ "url": url })).await;
    }

    pub(crate) async fn resize(&self, Size { width, height }: Size) {
        let mobile = width < 600;
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
    }

    pub(crate) async fn prefer(&self, theme: Theme) {
        let value = match theme {
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        let feature = json!({ "name": "prefers-color-scheme", "value": value });
        let media = json!({ "features": [feature] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// Reloads the page. Its first layout then has the present size and theme.
    pub(crate) async fn reload(&self) {
        self.command("refresh", json!({})).await;
    }

    /// Runs a script before the scripts of the page, at every load.
    pub(crate) async fn before_each_page(&self, script: &str) {
        let script = json!({ "source": script });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", script)
            .await;
    }

    /// Starts a composition of an input method. Its text is provisional until it is committed.
    pub(crate) async fn compose(&self, words: &str) {
        let end = words.chars().count();
        let composition = json!({ "text": words, "selectionStart": end, "selectionEnd": end });
        self.devtools("Input.imeSetComposition", composition).await;
    }

    /// Commits a composition with these words.
    pub(crate) async fn compose_to(&self, words: &str) {
        self.devtools("Input.insertText", json!({ "text": words }))
            .await;
    }

    /// Runs a script, and returns what the script returns.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.command("execute/sync", json!({ "script": script, "args": [] }))
            .await
    }

    /// Waits until an expression is truthy, and returns its value.
    pub(crate) async fn wait_for(&self, expression: &str) -> Value {
        let script = format!(
            "const done = arguments[0];
            const look = () => {{
              const found = (() => {{ try {{ return {expression}; }} catch {{ return null; }} }})();
              if (found) done(found); else setTimeout(look, 20);
            }};
            look();"
        );
        let script = json!({ "script": script, "args": [] });
        let found = self.driver.command("execute/async", script).await;
        match found {
            Ok(found) => found,
            Err(why) => {
                let shown = self
                    .run("return document.body.innerText.slice(0, 2000)")
                    .await;
                panic!("waited in vain for {expression}: {why}\non the page:\n{shown:#}");
            }
        }
    }

    /// Waits until there is an element, and clicks on it.
    pub(crate) async fn click(&self, selector: &str) {
        let element = self.element(selector).await;
        self.command(&format!("element/{element}/click"), json!({}))
            .await;
    }

    /// Presses keys one after the other. A key is a constant such as [`TAB`], or a letter.
    pub(crate) async fn press(&self, keys: &str) {
        let strokes: Vec<_> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|what| json!({ "type": what, "value": key })))
            .collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.command("actions", json!({ "actions": [keyboard] }))
            .await;
    }

    /// Presses a key while another is held.
    pub(crate) async fn press_with(&self, held: &str, key: &str) {
        let stroke = |what: &str, value: &str| json!({ "type": what, "value": value });
        let strokes = [
            stroke("keyDown", held),
            stroke("keyDown", key),
            stroke("keyUp", key),
            stroke("keyUp", held),
        ];
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.command("actions", json!({ "actions": [keyboard] }))
            .await;
    }

    /// Drags one element to the upper part of another with the mouse.
    pub(crate) async fn drag(&self, from: &str, to: &str) {
        let (from, to) = (self.element(from).await, self.element(to).await);
        let origin = |id: &str| json!({ "element-6066-11e4-a52e-4f735466cecf": id });
        let go = |to: &str, y: i32| json!({ "type": "pointerMove", "duration": 50, "origin": origin(to), "x": 0, "y": y });
        let steps = [
            go(&from, 0),
            json!({ "type": "pointerDown", "button": 0 }),
            go(&to, 4),
            go(&to, -8),
            json!({ "type": "pointerUp", "button": 0 }),
        ];
        let mouse = json!({ "type": "pointer", "id": "mouse", "actions": steps });
        self.command("actions", json!({ "actions": [mouse] })).await;
    }

    /// Goes back in the history, as the button of the browser does.
    pub(crate) async fn back(&self) {
        self.command("back", json!({})).await;
    }

    /// The accessible name and the role of each visible element that matches the selector.
    pub(crate) async fn names_and_roles(&self, selector: &str) -> Vec<(String, String)> {
        let seen = format!(
            "return [...document.querySelectorAll({})].filter((one) => one.checkVisibility())",
            json!(selector)
        );
        let mut found = Vec::new();
        for element in self.run(&seen).await.as_array().unwrap() {
            let element = id(element);
            let name = self.ask(&format!("element/{element}/computedlabel")).await;
            let role = self.ask(&format!("element/{element}/computedrole")).await;
            found.push((text(&name), text(&role)));
        }
        found
    }

    /// The entries of the browser's console: errors of scripts, violations of policies, and failed
    /// requests.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let log = self.command("se/log", json!({ "type": "browser" })).await;
        let entries = log.as_array().unwrap().iter();
        entries
            .filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING")
            .map(|entry| text(&entry["message"]))
            .collect()
    }

    /// Writes a screenshot of the whole page to `target/tmp/screenshots`, for people.
    pub(crate) async fn screenshot(&self, name: &str) -> PathBuf {
        let size = "const { scrollWidth: width, scrollHeight: height } = document.documentElement;
            return { x: 0, y: 0, width, height, scale: 1 };";
        let clip = self.run(size).await;
        let how = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let taken = self.devtools("Page.captureScreenshot", how).await;
        let png = BASE64.decode(text(&taken["data"]).as_bytes()).unwrap();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(name).with_extension("png");
        std::fs::write(&file, png).unwrap();
        file
    }

    async fn element(&self, selector: &str) -> String {
        let quoted = json!(selector);
        let found = self
            .wait_for(&format!("document.querySelector({quoted})"))
            .await;
        id(&found)
    }

    /// Runs a command of the [DevTools protocol], which has more commands than WebDriver.
    ///
    /// [DevTools protocol]: https://chromedevtools.github.io/devtools-protocol/
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let asked = json!({ "cmd": command, "params": parameters });
        self.command("goog/cdp/execute", asked).await
    }

    async fn command(&self, name: &str, parameters: Value) -> Value {
        let done = self.driver.command(name, parameters).await;
        done.unwrap_or_else(|why| panic!("{name}: {why}"))
    }

    async fn ask(&self, name: &str) -> Value {
        let answer = self.driver.ask(name).await;
        answer.unwrap_or_else(|why| panic!("{name}: {why}"))
    }
}

/// The id of an element. WebDriver's JSON has it under this name.
fn id(element: &Value) -> String {
    text(&element["element-6066-11e4-a52e-4f735466cecf"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
