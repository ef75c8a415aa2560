//! Makes the reports, on a thread of its own. Why: reading the debug information of a program may
//! take longer than the stall lasts, and the watcher must not miss other stalls meanwhile.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::thread;

use tracing::dispatcher;

use crate::report::Report;
use crate::stack::Stack;
use crate::stall::Library;
use crate::stalls::Stalls;

/// Its thread ends when it is dropped, after it has made all reports.
#[derive(Debug)]
pub(crate) struct Reporter {
    messages: SyncSender<Message>,
}

#[derive(Debug)]
struct Message {
    /// The report, unless it is suppressed.
    report: Option<Report>,
    /// The number of a stall, and its stack.
    stack: Option<(u64, Stack)>,
}

impl Reporter {
    /// The most messages that wait. A message over this bound is dropped. Its stall is in the list
    /// all the same.
    const WAITING_MAX: usize = 32;

    pub(crate) fn start(
        stalls: Arc<Stalls>,
        libraries: &'static [Library],
        mut report: Box<dyn FnMut(&Report) + Send>,
    ) -> io::Result<Self> {
        let (messages, waiting) = mpsc::sync_channel(Self::WAITING_MAX);
        let log = scoped_log();
        thread::Builder::new()
            .name("sabr-stalls".to_owned())
            .spawn(move || {
                let _log = log.as_ref().map(dispatcher::set_default);
                for message in waiting {
                    if let Some(complete) = complete(message, &stalls, libraries) {
                        report(&complete);
                    }
                }
            })?;
        Ok(Self { messages })
    }

    /// Resolves the stack, if there is one, and makes the report, if there is one.
    pub(crate) fn send(&self, report: Option<Report>, stack: Option<(u64, Stack)>) {
        let _ = self.messages.try_send(Message { report, stack });
    }
}

/// The subscriber of this thread, if the program has set one for some threads only, as tests do.
/// Reports go to it too. `None` if no subscriber has been set, because the program may still set
/// one for all threads.
fn scoped_log() -> Option<tracing::Dispatch> {
    dispatcher::has_been_set().then(|| dispatcher::get_default(Clone::clone))
}

/// The report with the stack in it.
fn complete(message: Message, stalls: &Stalls, libraries: &[Library]) -> Option<Report> {
    let Message { mut report, stack } = message;
    if let Some((id, stack)) = stack {
        let frames = stack.resolve(libraries);
        stalls.set_stack(id, &frames);
        if let Some(Report::Stalled { stall, .. }) = &mut report {
            stall.stack = frames;
        }
    }
    report
}
