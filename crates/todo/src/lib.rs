//! The async Todo service: an API on an embedded database. Every write is on disk before its
//! response is sent.
//!
//! The modules from the inside out: [`db`] is the access to the store, [`http`] is the API and the
//! pages, [`service`] puts both together, and [`cli`] is the command line. Each module depends only
//! on the modules before it. The domain is the crate `todo_core`. The store is the crate
//! `todo_sqlite`.

pub mod cli;
pub mod db;
pub mod http;
pub mod service;

/// Compiles the programs in the README, and runs those that end by themselves.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
