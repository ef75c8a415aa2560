use std::any::Any;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::Error;
use crate::error::Kind;

/// What a write sees of the database: a connection inside a transaction.
///
/// The transaction may be shared with other writes, so the closure cannot end it: statements that
/// begin, commit or roll back, savepoints, `ATTACH`, and pragmas that set something are refused with
/// `SQLITE_AUTH`. To roll back, return an error.
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

/// A call, and its result once it has run.
pub(crate) struct Pending<T, E, F> {
    closure: Option<F>,
    /// What becomes of what the closure writes, if it succeeds.
    effect: Effect,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Pending<T, E, F> {
    pub(crate) fn new(closure: F, effect: Effect) -> (Self, oneshot::Receiver<Result<T, E>>) {
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
    E: From<Error> + Send,
    F: FnOnce(&WriteTx<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, conn: &Connection) -> Effect {
        let Some(closure) = self.closure.take() else {
            return Effect::Undo;
        };
        let result = contain(|| closure(&WriteTx { conn }));
        let effect = if result.is_ok() {
            self.effect
        } else {
            Effect::Undo
        };
        self.result = Some(result);
        effect
    }

    fn answer(self: Box<Self>, committed: Result<(), Error>) {
        // To convert an error, and to drop a result that nobody waits for any more, is to run code
        // of the caller: a panic in it must not end the writer.
        let _: Result<(), Error> = contain(move || {
            let result = match (self.result, committed) {
                (Some(Err(error)), _) => Err(error),
                (_, Err(error)) => Err(error.into()),
                (Some(Ok(value)), Ok(())) => Ok(value),
                (None, Ok(())) => Err(Error::from(Kind::Closed).into()),
            };
            // Whoever asked may have gone meanwhile; what was written stays.
            let _ = self.reply.send(result);
            Ok(())
        });
    }
}

/// Runs a closure; a panic in it becomes an error.
pub(crate) fn contain<T, E: From<Error>>(closure: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(closure)).unwrap_or_else(|panic| {
        let message = message(panic.as_ref());
        tracing::error!(panic = message, "a database closure panicked");
        Err(Error::from(Kind::Panicked { message }).into())
    })
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a value that is no text").to_owned()
}
