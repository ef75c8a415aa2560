//! Tests of the public API.

#![expect(clippy::unwrap_used, reason = "a test that fails should say where")]

mod budget;
mod check;
mod close;
mod copies;
mod database;
mod faults;
mod group_commit;
mod identity;
mod kill;
mod memory;
mod migrations;
mod model;
mod reads;
mod refusals;
mod wal;
