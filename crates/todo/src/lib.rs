//! The async Todo service: an API on an embedded database, with every write on disk before it is
//! answered.
//!
//! From the inside out: [`db`] is the access to the store, [`http`] the edge to clients,
//! [`service`] puts these together, and [`cli`] starts it from a command line. Each depends only on
//! those before it. The domain is the crate `todo_core`, and the store is the crate `todo_sqlite`.

pub mod cli;
pub mod db;
pub mod http;
pub mod service;

/// The programs that the README shows: they compile, and those that end are run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
