use std::fmt;

/// The ledger already has a meter, or a tracer. It accepts one of each.
///
/// The second call changed nothing.
///
/// ```
/// use opentelemetry::metrics::MeterProvider;
/// use opentelemetry_sdk::metrics::SdkMeterProvider;
/// use sabr::Sabr;
///
/// let meter = SdkMeterProvider::default().meter("todo");
/// let ledger = Sabr::default().ledger();
/// assert!(ledger.register_metrics(&meter).is_ok());
/// assert!(ledger.register_metrics(&meter).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlreadyRegistered;

impl fmt::Display for AlreadyRegistered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the ledger has been registered already: register it once, at the start")
    }
}

impl std::error::Error for AlreadyRegistered {}
