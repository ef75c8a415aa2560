//! The extractors of handlers. They work like axum's extractors of the same names, but they reject
//! with a [`Problem`](super::problem::Problem) that lists every mistake at once.

mod base_url;
mod conditional;
mod content;
mod document;
mod json;
mod merge_patch;
mod parse;
mod path;
mod pointer;
mod query;
mod schema;
mod strict;

pub(super) use base_url::BaseUrl;
pub(super) use conditional::{Conditional, OnExisting};
pub(super) use json::{Json, OptionalJson};
pub(super) use merge_patch::MergePatch;
pub(super) use path::Path;
pub(super) use query::Query;
