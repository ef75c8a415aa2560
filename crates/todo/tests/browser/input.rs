//! Input events as Chromium receives them: pointers, keys of other keyboards, and input methods.

use serde_json::{Value, json};

use crate::browser::Browser;

/// Modifier keys, as flags of the DevTools protocol.
pub(crate) const ALT: u8 = 1;
pub(crate) const CONTROL: u8 = 2;
pub(crate) const META: u8 = 4;
pub(crate) const SHIFT: u8 = 8;

/// A position on the screen, in CSS pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub x: f64,
    pub y: f64,
}

impl Point {
    pub(crate) fn down(self, by: f64) -> Self {
        Self {
            y: self.y + by,
            ..self
        }
    }
}

impl Browser {
    /// Presses a key, given by its text, its position on the keyboard, and the held modifiers.
    pub(crate) async fn stroke(&self, key: &str, code: &str, held: u8) {
        // The virtual key code of Windows, from which Chromium derives `keyCode`.
        let number = match (key, code) {
            ("Enter", _) => 13,
            ("Escape", _) => 27,
            (_, code) => code.bytes().last().map_or(0, u32::from),
        };
        self.key(key, code, held, number).await;
    }

    /// Presses a key that an input method consumes.
    pub(crate) async fn stroke_of_input_method(&self, key: &str) {
        self.key(key, key, 0, 229).await;
    }

    async fn key(&self, key: &str, code: &str, held: u8, number: u32) {
        for kind in ["rawKeyDown", "keyUp"] {
            let event = json!({
                "type": kind, "key": key, "code": code, "modifiers": held,
                "windowsVirtualKeyCode": number,
            });
            self.devtools("Input.dispatchKeyEvent", event).await;
        }
    }

    pub(crate) async fn middle(&self, selector: &str) -> Point {
        let script = format!(
            "const box = document.querySelector({}).getBoundingClientRect();
            return [box.left + box.width / 2, box.top + box.height / 2];",
            json!(selector)
        );
        let middle = self.run(&script).await;
        let at = |n: usize| middle[n].as_f64().unwrap();
        Point { x: at(0), y: at(1) }
    }

    /// Sends a mouse event. `kind` is `mousePressed`, `mouseMoved` or `mouseReleased`.
    pub(crate) async fn mouse(&self, kind: &str, Point { x, y }: Point, button: &str) {
        let buttons = if kind == "mouseReleased" { 0 } else { 1 };
        let event = json!({
            "type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1,
        });
        self.devtools("Input.dispatchMouseEvent", event).await;
    }

    /// Sends a touch event. `kind` is `touchStart`, `touchMove` or `touchEnd`. `fingers` are the
    /// fingers that are on the screen afterwards.
    pub(crate) async fn touch(&self, kind: &str, fingers: &[Point]) {
        let fingers: Vec<Value> = (fingers.iter().zip(0..))
            .map(|(Point { x, y }, id)| json!({ "x": x, "y": y, "id": id }))
            .collect();
        let event = json!({ "type": kind, "touchPoints": fingers });
        self.devtools("Input.dispatchTouchEvent", event).await;
    }

    /// From now on the page gets touch events, and no mouse events.
    pub(crate) async fn use_fingers(&self) {
        let fingers = json!({ "enabled": true, "maxTouchPoints": 2 });
        self.devtools("Emulation.setTouchEmulationEnabled", fingers)
            .await;
    }
}
