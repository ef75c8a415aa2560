use std::time::Duration;

use hyper::rt::Executor;

use crate::layer::Held;

/// Runs each stream of an HTTP/2 connection in its own task, and resets a stream whose client reads
/// nothing of its answer.
#[derive(Clone, Debug)]
pub(super) struct Streams {
    pub(super) timeout: Duration,
}

impl<F> Executor<F> for Streams
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, stream: F) {
        // Why dropping is enough: h2 then resets the stream and discards its buffered bytes.
        drop(tokio::spawn(Held::answer(stream, self.timeout)));
    }
}
