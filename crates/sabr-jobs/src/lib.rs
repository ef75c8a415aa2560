//! Durable jobs, enqueued inside the caller's own transaction.
//!
//! This crate is reserved and empty: it has no items yet, and nothing depends on it. What it will
//! hold is an at-least-once job queue on SQLite and on PostgreSQL, whose `enqueue` takes the
//! caller's open transaction, so that a row and the work it asks for are committed together or not
//! at all. Until then, work that may be lost with the process belongs in `sabr::BackgroundTasks`.
