//! Names the line of code that blocks a thread of an async runtime, while it blocks.
//!
//! A future that does not return from a poll holds up every other task of its thread. This crate
//! watches polls from a thread of its own. When a poll lasts longer than a limit, the log says
//! which one, what its thread does and, with the feature `stacks`, at which line:
//!
//! ```text
//! WARN a thread of the event loop is held: one poll has not come back yet
//!      of=task import ms=112 thread="tokio-rt-worker" state="blocked" at="src/import.rs:42 (app::import)"
//! ```
//!
//! # In any program
//!
//! ```
//! use std::time::Duration;
//!
//! use sabr_watchdog::Watchdog;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let watchdog = Watchdog::new(Duration::from_millis(100));
//! let sum = watchdog.watch("import", async { 20 + 22 }).await;
//! assert_eq!(sum, 42);
//! assert!(watchdog.stalls().is_empty());
//! # }
//! ```
//!
//! The crate does not depend on a runtime. Time in which the kernel ran other threads does not
//! count, and neither does time in which the watchdog itself did not run.
//!
//! # In a library
//!
//! A library that polls many things, as a server does, calls [`enter`] for each poll and gives the
//! watchdog a function that [names](Watchdog::start) polls. `enter` costs about four nanoseconds,
//! takes no lock and allocates nothing.
//!
//! # Features
//!
//! `stacks` adds the stack of the stalled thread to a report, on Linux with glibc on x86-64 and
//! AArch64. On x86-64, a thread that sits in a system call is read from outside and does not
//! notice. Any other stalled thread is interrupted by a real-time signal, `SIGRTMIN+12`, and copies
//! its stack: a thread that computes, and one whose calls cannot all be found from outside. The
//! signal has `SA_RESTART`. It can still end a system call that the thread begins at that moment
//! with `EINTR`, if the call is one that is never restarted, such as a read with a timeout
//! (signal(7)). On AArch64 every stalled thread is interrupted. The first report takes about a
//! tenth of a second and tens of megabytes, because the debug information of the program is read.
//! Later reports take about a millisecond. On other platforms the feature changes nothing.
//!
//! # Unsafe code
//!
//! All of it is in the module `stack::system`: the signal handler, the bounds of a stack, and the
//! list of the loaded modules.

mod clock;
mod limiter;
mod primitives;
mod report;
mod reporter;
mod rule;
mod schedule;
mod seqlock;
mod sleep;
mod slot;
#[cfg_attr(
    not(all(
        feature = "stacks",
        target_os = "linux",
        target_env = "gnu",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    path = "no_stack.rs"
)]
mod stack;
#[cfg(all(
    test,
    feature = "stacks",
    target_os = "linux",
    target_env = "gnu",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod stack_tests;
mod stall;
mod stalls;
#[cfg(test)]
mod tests;
mod watchdog;
mod watched_future;
mod watcher;

pub use self::clock::now_ns;
pub use self::report::Report;
pub use self::slot::{PauseGuard, PollGuard, PollId, enter, pause, rename};
pub use self::stall::{Frame, Library, Name, Names, Stall, ThreadState};
pub use self::watchdog::Watchdog;
pub use self::watched_future::WatchedFuture;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
