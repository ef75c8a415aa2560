//! Registers the ledger with OpenTelemetry.

mod metrics;
mod observed;
mod spans;
mod sums;
