//! The HTTP edge. Only this module knows status codes and JSON.

mod after;
mod answer;
mod asset;
mod doc;
mod endpoint;
mod events;
mod extract;
mod items;
mod lab;
mod middleware;
mod page;
pub mod problem;
mod router;
mod state;
mod system;
mod time;
mod todos;
mod users;
mod value;
mod web;

/// The routes of the files that the pages consist of.
pub const ASSETS: &[&str] = &[
    "/shared/{file}",
    "/web/{file}",
    "/docs/{file}",
    "/lab/{file}",
];

pub use middleware::{AllowedOrigins, Origin};
pub use router::{Limits, router};
pub use state::App;
