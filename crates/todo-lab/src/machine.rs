//! The machine that the experiments run on: its cores, its memory and its limit of open files.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use tokio::task::JoinSet;

use super::{LabError, Users};

/// The number of open files that the process needs in addition to those of the users.
pub(super) const FILES_BESIDES: u64 = 100;

/// The machine that the experiments ran on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "LabMachine")]
pub struct Machine {
    /// The operating system.
    pub system: &'static str,
    /// The processor's architecture.
    pub architecture: &'static str,
    /// The number of cores that the process may use.
    pub cores: usize,
    /// Whether the program was compiled with optimisations (without debug assertions).
    pub optimised: bool,
}

impl Machine {
    /// This machine.
    #[must_use]
    pub fn this() -> Self {
        Self {
            system: std::env::consts::OS,
            architecture: std::env::consts::ARCH,
            cores: cores(),
            optimised: !cfg!(debug_assertions),
        }
    }
}

pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// The resident memory of the process, in bytes. `None` on systems other than Linux.
fn memory_now() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.split_ascii_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// Samples the memory of the process, and keeps the maximum. Dropping it stops the sampling.
#[derive(Debug)]
pub(super) struct Peak {
    before: Option<u64>,
    most: Arc<AtomicU64>,
    _looking: JoinSet<()>,
}

impl Peak {
    /// The time between two samples.
    const EVERY: Duration = Duration::from_millis(10);

    pub(super) fn watch() -> Self {
        let most = Arc::new(AtomicU64::new(0));
        let kept = Arc::clone(&most);
        let mut looking = JoinSet::new();
        looking.spawn(async move {
            loop {
                kept.fetch_max(memory_now().unwrap_or(0), Ordering::Relaxed);
                tokio::time::sleep(Self::EVERY).await;
            }
        });
        Self {
            before: memory_now(),
            most,
            _looking: looking,
        }
    }

    /// The peak of the memory above its level at the start, in bytes.
    pub(super) fn more_than_before(&self) -> Option<u64> {
        let most = self.most.load(Ordering::Relaxed).max(memory_now()?);
        Some(most.saturating_sub(self.before?))
    }
}

/// Raises the limit of open files so that each user can have two: one for each end of a connection.
#[cfg(unix)]
pub(super) fn allow_files_for(users: Users) -> Result<(), LabError> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    let users = users.get();
    let needed = 2 * users as u64 + FILES_BESIDES;
    let refused = |limit| LabError::TooFewFiles {
        users,
        needed,
        limit,
    };
    let (now, most) = getrlimit(Resource::RLIMIT_NOFILE).map_err(|_| refused(0))?;
    if now >= needed {
        return Ok(());
    }
    if most < needed || setrlimit(Resource::RLIMIT_NOFILE, needed, most).is_err() {
        return Err(refused(most));
    }
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn allow_files_for(_: Users) -> Result<(), LabError> {
    Ok(())
}
