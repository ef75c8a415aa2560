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

/// The SplitMix64 generator (Steele, Lea and Flood, 2014). Rounds differ, and can be repeated.
struct Random(u64);

impl Random {
    /// A number from 0 to `below` − 1.
    fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    }
}
