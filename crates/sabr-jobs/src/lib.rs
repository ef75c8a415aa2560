//! Durable jobs, enqueued inside the caller's own transaction.
//!
//! This crate is reserved and empty: it has no items yet, and nothing depends on it. It will be an
//! at-least-once job queue on SQLite and PostgreSQL. Its `enqueue` will take the caller's open
//! transaction, so that a row and its job are committed together or not at all.
//!
//! Until then, work that may be lost with the process belongs in `sabr::BackgroundTasks`. Store
//! other work in a table, in the same transaction as its data.
