use std::fmt;

/// The ledger gives its metrics to one meter, and its spans to one tracer: it had one already.
///
/// Nothing has changed by the second call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlreadyRegistered;

impl fmt::Display for AlreadyRegistered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the ledger has been registered already: register it once, at the start")
    }
}

impl std::error::Error for AlreadyRegistered {}
