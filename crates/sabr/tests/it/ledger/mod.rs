//! The wait ledger: by hand and with a clock of the test's own where the order of events is what
//! matters, and over real servers where threads are.

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
