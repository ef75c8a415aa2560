//! Acknowledged writes survive, however the process or the machine ends.
//!
//! Both tests use the same load: writers that create, change and delete todos of their own, and
//! record each answer. The records determine which states are allowed afterwards.

mod history;
mod kill;
mod load;
#[cfg(target_os = "linux")]
mod power_loss;
#[cfg(target_os = "linux")]
mod recording;

/// The number of rounds of a test: from the variable, or a few.
fn rounds(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |rounds| rounds.parse().unwrap())
}
