//! Tests the pages in a real browser against the real service.
//!
//! The tests need Chromium and its driver (on Debian: `chromium` and `chromium-driver`). If these
//! are missing, the tests print that and do nothing. If `CI` is set, they fail.

#![expect(clippy::unwrap_used, reason = "a test that fails should say where")]
#![expect(
    clippy::disallowed_methods,
    reason = "servers and clients of tests run beside each other"
)]

mod accessibility;
mod advice;
mod browser;
mod card;
mod driver;
mod endpoint;
mod input;
mod lab;
mod ledger;
mod looks;
mod origin;
mod pictures;
#[path = "../it/process.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod process;
mod proxy;
#[path = "../it/random.rs"]
mod random;
mod reference;
#[path = "../it/server.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod server;
mod traffic;
mod web;
