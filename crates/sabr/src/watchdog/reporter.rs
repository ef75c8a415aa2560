//! Says what was seen, on a thread of its own: to read the debug information of a program may take longer than the
//! stall lasts, and whoever reads does not look.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::thread;

use tracing::dispatcher;

use super::Report;
use super::stack::Stack;
use super::stalls::Stalls;

/// Ends the thread when dropped, after it has said everything.
#[derive(Debug)]
pub(super) struct Reporter {
    messages: SyncSender<Message>,
}

#[derive(Debug)]
struct Message {
    /// What to say, if it is to be said.
    report: Option<Report>,
    /// Of the stall with this number.
    stack: Option<(u64, Stack)>,
}

impl Reporter {
    /// The most messages that wait. One that finds no place is not said: the stall is in the list all the same.
    const WAITING_MAX: usize = 32;

    pub(super) fn start(
        stalls: Arc<Stalls>,
        mut report: Box<dyn FnMut(&Report) + Send>,
    ) -> io::Result<Self> {
        let (messages, waiting) = mpsc::sync_channel(Self::WAITING_MAX);
        let log = scoped_log();
        thread::Builder::new()
            .name("sabr-stalls".to_owned())
            .spawn(move || {
                let _log = log.as_ref().map(dispatcher::set_default);
                for message in waiting {
                    if let Some(said) = complete(message, &stalls) {
                        report(&said);
                    }
                }
            })?;
        Ok(Self { messages })
    }

    /// Finds out what is on the stack, if there is one, and says the report, if there is one.
    pub(super) fn say(&self, report: Option<Report>, stack: Option<(u64, Stack)>) {
        let _ = self.messages.try_send(Message { report, stack });
    }
}

/// Where this thread logs to, if that may be elsewhere than the rest of the program: a stall belongs into the log of
/// those who watch for it. A program that has set nothing yet may still do so.
fn scoped_log() -> Option<tracing::Dispatch> {
    dispatcher::has_been_set().then(|| dispatcher::get_default(Clone::clone))
}

/// The report, with the stack in it.
fn complete(message: Message, stalls: &Stalls) -> Option<Report> {
    let Message { mut report, stack } = message;
    if let Some((id, stack)) = stack {
        let frames = stack.resolve();
        stalls.set_stack(id, &frames);
        if let Some(Report::Stalled { stall, .. }) = &mut report {
            stall.stack = frames;
        }
    }
    report
}
