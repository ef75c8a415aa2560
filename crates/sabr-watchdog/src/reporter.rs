//! Makes the reports, on a thread of its own. Why: reading the debug information of a program may
//! take longer than the stall lasts, and the watcher must not miss other stalls meanwhile.

use std::io;
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Arc, Weak};
use std::thread;

use tracing::dispatcher;

use crate::report::Report;
use crate::slot::Slot;
use crate::stack::{self, Stack};
use crate::stall::{Frame, Library};
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
    stack: Option<CapturedStack>,
}

/// The stack of a stall.
#[derive(Debug)]
pub(crate) struct CapturedStack {
    /// The number of the stall.
    pub(crate) number: u64,
    pub(crate) stack: Stack,
    /// The stalled thread, and when its poll began.
    pub(crate) slot: Weak<Slot>,
    pub(crate) began_ns: u64,
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
    pub(crate) fn send(&self, report: Option<Report>, stack: Option<CapturedStack>) {
        let _ = self.messages.try_send(Message { report, stack });
    }
}

/// The subscriber of this thread, if the program has set one for some threads only, as tests do.
/// Reports go to it too. `None` if no subscriber has been set, because the program may still set
/// one for all threads.
fn scoped_log() -> Option<tracing::Dispatch> {
    dispatcher::has_been_set().then(|| dispatcher::get_default(Clone::clone))
}

impl CapturedStack {
    /// The calls. If those of a thread in a system call cannot all be found from outside, the
    /// thread is interrupted.
    fn resolve(&self, libraries: &[Library]) -> Vec<Frame> {
        let resolved = self.stack.resolve(libraries);
        if resolved.complete {
            return resolved.frames;
        }
        let again = self.interrupt().map(|stack| stack.resolve(libraries));
        let again = again.filter(|again| again.frames.len() > resolved.frames.len());
        again.unwrap_or(resolved).frames
    }

    /// `None` if the poll has ended.
    fn interrupt(&self) -> Option<Stack> {
        if !self.stack.was_read_from_outside() {
            return None;
        }
        let slot = self.slot.upgrade()?;
        let is_stalled = || slot.read().map(|poll| poll.began_ns) == Some(self.began_ns);
        let stack = is_stalled().then(|| stack::interrupt(slot.tid, &slot.stack))?;
        stack.filter(|_| is_stalled())
    }
}

/// The report with the stack in it.
fn complete(message: Message, stalls: &Stalls, libraries: &[Library]) -> Option<Report> {
    let Message { mut report, stack } = message;
    if let Some(captured) = stack {
        let frames = captured.resolve(libraries);
        stalls.set_stack(captured.number, &frames);
        if let Some(Report::Stalled { stall, .. }) = &mut report {
            stall.stack = frames;
        }
    }
    report
}
