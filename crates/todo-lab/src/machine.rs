//! What the experiments run on: its cores, and what the process uses of it.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use tokio::task::JoinSet;

use super::{LabError, Users};

/// Open files that the process needs besides those of the users.
pub(super) const FILES_BESIDES: u64 = 100;

/// What was measured on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "LabMachine")]
pub struct Machine {
    /// The operating system.
    pub system: &'static str,
    /// The processor's architecture.
    pub architecture: &'static str,
    /// Cores that the process may use.
    pub cores: usize,
    /// Whether the program was optimised.
    pub optimised: bool,
}

impl Machine {
    /// This one.
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

/// The memory of the process, in bytes; nothing where the system does not say (Linux does).
fn memory_now() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.split_ascii_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// Looks at the memory of the process, again and again, and keeps the most.
#[derive(Debug)]
pub(super) struct Peak {
    before: Option<u64>,
    most: Arc<AtomicU64>,
    _looking: JoinSet<()>,
}

impl Peak {
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

    /// In bytes.
    pub(super) fn more_than_before(&self) -> Option<u64> {
        let most = self.most.load(Ordering::Relaxed).max(memory_now()?);
        Some(most.saturating_sub(self.before?))
    }
}

/// Sees to it that the process may have two open files for each user: one at each end of a
/// connection.
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
