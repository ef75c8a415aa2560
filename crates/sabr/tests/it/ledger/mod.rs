//! The wait ledger. Where the order of events matters, tests poll requests by hand, with an
//! injected clock. Where threads matter, they use real servers.

mod advice;
mod driven;
mod ends;
mod labels;
#[cfg(feature = "opentelemetry")]
mod opentelemetry;
mod outputs;
mod phases;
mod stalls;
mod threads;
