//! The `todo` service.
fn main() {}
