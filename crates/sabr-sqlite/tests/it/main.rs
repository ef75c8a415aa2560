//! The database as its callers meet it.

#![expect(clippy::unwrap_used, reason = "a test that fails should say where")]

mod check;
mod close;
mod database;
mod faults;
mod group_commit;
mod kill;
mod memory;
mod migrations;
mod model;
mod reads;
mod refusals;
