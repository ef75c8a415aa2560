use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// What a poll belongs to, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// What kind of thing it is: `GET`, `task`.
    pub kind: &'static str,
    /// Which one: `/todos/{id}`, `import`.
    pub name: String,
}

/// Names a poll by the number in its [`PollId`](crate::PollId).
pub type Names = Arc<dyn Fn(u32) -> Name + Send + Sync>;

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// A poll that did not return in time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stall {
    /// What was polled.
    pub name: Name,
    /// When the poll began.
    pub began_at: SystemTime,
    /// How long it has lasted.
    pub duration: Duration,
    /// Whether it still lasts.
    pub in_progress: bool,
    /// The name of the thread.
    pub thread: String,
    /// What the thread does.
    pub state: ThreadState,
    /// The stack of the thread, the innermost call first, at most 64 calls. Empty without the
    /// feature `stacks`, on platforms that it does not support, until the debug information has
    /// been read, and if the thread did not answer in 300 ms.
    pub stack: Vec<Frame>,
}

/// What a stalled thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadState {
    /// It is mostly on the CPU.
    Computing,
    /// It is mostly off the CPU, in a blocking call.
    Blocked,
    /// The platform does not tell.
    Unknown,
}

impl ThreadState {
    /// Its name in the log: `blocked`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Computing => "computing",
            Self::Blocked => "blocked",
            Self::Unknown => "unknown",
        }
    }
}

/// One call on the stack of a stalled thread.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame {
    /// The path of the function: `app::todos::create`.
    pub function: String,
    /// The file, if it is known.
    pub file: Option<String>,
    /// The line, if it is known.
    pub line: Option<u32>,
    /// Whether it is code of the app, rather than of the standard library or of a dependency.
    pub own: bool,
}

impl Frame {
    /// A frame of code of the app, for tests of whatever shows a stall.
    #[must_use]
    pub fn new(function: impl Into<String>) -> Self {
        Self {
            function: function.into(),
            file: None,
            line: None,
            own: true,
        }
    }
}

/// The code of a library that polls the app's futures.
///
/// A stack ends at the innermost call of such a library, because what is outside of it is the
/// server and the runtime.
#[derive(Clone, Copy, Debug)]
pub struct Library {
    /// The path of the module whose functions poll: `my_server::layer::`.
    pub module: &'static str,
    /// The folder of the library's sources, with a slash at the end:
    /// `concat!(env!("CARGO_MANIFEST_DIR"), "/src/")`. No code in it is code of the app.
    pub sources: &'static str,
    /// The folder of the module in `sources`: `layer/`.
    pub folder: &'static str,
}
