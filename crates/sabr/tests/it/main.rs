//! Real servers on port 0, and real clients. Tests wait for events instead of sleeping.

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
