//! One target under libFuzzer. `fuzz/run` builds and starts it.

#![no_main]

use std::env;
use std::sync::LazyLock;

use fuzz::{Service, Target};
use libfuzzer_sys::fuzz_target;

static SERVICE: LazyLock<Service> = LazyLock::new(Service::start);

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = env::var("FUZZ_TARGET").unwrap_or_default();
    let targets = Target::ALL.iter().copied();
    let named = targets.into_iter().find(|target| target.name() == name);
    named.unwrap_or_else(|| panic!("FUZZ_TARGET={name:?} names no target"))
});

fuzz_target!(|input: &[u8]| SERVICE.check(*TARGET, input));
