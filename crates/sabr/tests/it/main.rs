//! Real servers on port 0, real clients, and no sleeps: each test waits for the thing itself.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod connections;
mod endpoints;
mod examples;
mod fastapi_table;
mod finish;
mod guides;
mod half_close;
mod large_bodies;
mod ledger;
mod lifecycle;
#[cfg(unix)]
mod listeners;
mod placement;
mod pools;
mod spans;
mod support;
mod surroundings;
mod tasks_run;
mod tasks_start;
mod unread_answers;
mod unread_bodies;
