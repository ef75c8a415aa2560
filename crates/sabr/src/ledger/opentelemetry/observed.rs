//! Instruments that read the ledger at each collection.

use opentelemetry::metrics::{AsyncInstrument, Meter};

use super::super::Ledger;

/// The instruments of one ledger.
pub(super) struct Observed<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) meter: &'a Meter,
}

/// The description of an instrument.
#[derive(Clone, Copy)]
pub(super) struct About {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) help: &'static str,
}

/// One method for each kind of instrument. `read` is called at each collection.
macro_rules! instruments {
    ($($name:ident: $kind:ident of $number:ty;)*) => {
        impl Observed<'_> {
            $(pub(super) fn $name(
                &self,
                about: About,
                read: impl Fn(&Ledger, &dyn AsyncInstrument<$number>) + Send + Sync + 'static,
            ) {
                let ledger = self.ledger.clone();
                let instrument = self.meter.$kind(about.name).with_unit(about.unit);
                instrument
                    .with_description(about.help)
                    .with_callback(move |observer| read(&ledger, observer))
                    .build();
            })*
        }
    };
}

instruments! {
    seconds: f64_observable_counter of f64;
    count: u64_observable_counter of u64;
    level: i64_observable_up_down_counter of i64;
    gauge: f64_observable_gauge of f64;
}
