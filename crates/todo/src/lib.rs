//! The async Todo service: an API on an embedded database, with every write on disk before it is
//! answered.
//!
//! From the inside out: [`domain`] is what a todo is; [`store`] keeps todos; [`http`] lets clients
//! at them; [`service`] puts these together; [`cli`] starts that from a command line. Each knows
//! those before it and none behind it.

pub mod cli;
pub mod clock;
pub mod domain;
pub mod http;
pub mod lab;
pub mod service;
pub mod store;

/// The programs that the README shows: they compile, and those that end are run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
