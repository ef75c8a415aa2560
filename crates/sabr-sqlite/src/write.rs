use std::ops::Deref;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::Error;
use crate::error::Kind;
use crate::panic::{caught, log};

/// What a write sees of the database: a connection inside a transaction.
///
/// The transaction may be shared with other writes, so the closure cannot end it: statements that
/// begin, commit or roll back, savepoints, `ATTACH`, and pragmas that set something are refused
/// with `SQLITE_AUTH`. To roll back, return an error.
#[derive(Debug)]
pub struct WriteTx<'conn> {
    conn: &'conn Connection,
}

impl Deref for WriteTx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}

/// A call that waits for the connection that writes: a closure, and where its result goes.
pub(crate) trait Call: Send {
    /// Runs the closure, and keeps its result.
    fn run(&mut self, conn: &Connection) -> Effect;

    /// Hands out the result, now that what was written is committed; or the reason why it is not.
    fn answer(self: Box<Self>, committed: Result<(), Error>);
}

/// What becomes of what a call wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It is committed with the transaction.
    Commit,
    /// It is rolled back, because the call failed.
    Undo,
    /// The call only reads.
    None,
}

/// The closure's result, or why it has none. The caller converts [`Error`] into its own error type
/// on its own thread, because that conversion is the caller's code and may panic.
pub(crate) type Outcome<T, E> = Result<Result<T, E>, Error>;

/// A call, and its result once it has run.
pub(crate) struct Pending<T, E, F> {
    closure: Option<F>,
    /// What becomes of what the closure writes, if it succeeds.
    effect: Effect,
    result: Option<Outcome<T, E>>,
    reply: oneshot::Sender<Outcome<T, E>>,
}

impl<T, E, F> Pending<T, E, F> {
    pub(crate) fn new(closure: F, effect: Effect) -> (Self, oneshot::Receiver<Outcome<T, E>>) {
        let (reply, receiver) = oneshot::channel();
        let pending = Self {
            closure: Some(closure),
            effect,
            result: None,
            reply,
        };
        (pending, receiver)
    }
}

impl<T, E, F> Call for Pending<T, E, F>
where
    T: Send,
    E: Send,
    F: FnOnce(&WriteTx<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, conn: &Connection) -> Effect {
        let Some(closure) = self.closure.take() else {
            return Effect::Undo;
        };
        let result = caught(|| closure(&WriteTx { conn })).map_err(panicked);
        let effect = match result {
            Ok(Ok(_)) => self.effect,
            Ok(Err(_)) | Err(_) => Effect::Undo,
        };
        self.result = Some(result);
        effect
    }

    fn answer(self: Box<Self>, committed: Result<(), Error>) {
        let outcome = match (self.result, committed) {
            (Some(Ok(Ok(_))) | None, Err(error)) => Err(error),
            (Some(outcome), _) => outcome,
            (None, Ok(())) => Err(Kind::Closed.into()),
        };
        // The caller may have dropped its future. The write is kept.
        let _ = self.reply.send(outcome);
    }
}

pub(crate) fn flatten<T, E: From<Error>>(outcome: Outcome<T, E>) -> Result<T, E> {
    outcome.unwrap_or_else(|error| Err(error.into()))
}

/// The error for a closure that panicked with this message.
pub(crate) fn panicked(message: String) -> Error {
    log(|| tracing::error!(panic = message, "a database closure panicked"));
    Kind::Panicked { message }.into()
}
