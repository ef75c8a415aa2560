//! Writes to standard output and standard error from a separate thread.
//!
//! A pipe can be closed, a disk can be full, and a reader can stop reading. None of these may block
//! the thread that has text to write, or make it panic. So a separate thread does the writing, and
//! it may fail or block.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

/// The largest number of texts that wait to be written. Further texts are dropped and counted.
const WAITING_MAX: usize = 1024;

/// How long [`Output::flushed`] waits.
const FLUSH_MAX: Duration = Duration::from_secs(1);

/// A handle of the thread. Writing to it never fails and never blocks. Clones share the thread.
#[derive(Clone, Debug)]
pub(super) struct Output {
    texts: mpsc::Sender<Text>,
    lost: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Text {
    Write(Vec<u8>),
    /// Asks the thread to report when all earlier texts are written.
    Flush(oneshot::Sender<()>),
}

impl Output {
    /// Starts the thread, which ends when all clones of the handle are dropped.
    pub(super) fn start(target: impl Write + Send + 'static) -> io::Result<Self> {
        let (texts, waiting) = mpsc::channel(WAITING_MAX);
        let lost = Arc::default();
        let counted = Arc::clone(&lost);
        thread::Builder::new()
            .name("output".to_owned())
            .spawn(move || write_all(waiting, &counted, target))?;
        Ok(Self { texts, lost })
    }

    /// Waits until all texts are written, for a second at most.
    pub(super) async fn flushed(&self) {
        let flush = async {
            let (done, flushed) = oneshot::channel();
            if self.texts.send(Text::Flush(done)).await.is_ok() {
                let _ = flushed.await;
            }
        };
        let _ = tokio::time::timeout(FLUSH_MAX, flush).await;
    }
}

impl Write for Output {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if self.texts.try_send(Text::Write(text.to_owned())).is_err() {
            // Relaxed, because no other memory depends on this count.
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_all(mut waiting: mpsc::Receiver<Text>, lost: &AtomicU64, mut target: impl Write) {
    while let Some(text) = waiting.blocking_recv() {
        match text {
            // A failure cannot be reported anywhere.
            Text::Write(text) => drop(target.write_all(&text)),
            Text::Flush(done) => {
                let _ = target.flush();
                let _ = done.send(());
            }
        }
        let lost = lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            tracing::warn!(
                lost,
                "log lines were dropped, because the reader of the log is too slow"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc as std_mpsc;

    use parking_lot::Mutex;

    use super::*;

    /// A target that accepts text only when the test allows it.
    struct Stopped {
        go: std_mpsc::Receiver<()>,
        taken: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Stopped {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            let _ = self.go.recv();
            let mut taken = self.taken.lock();
            taken.write(text)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_reader_that_stops_holds_nobody_up() {
        let (start, go) = std_mpsc::channel();
        let taken = Arc::default();
        let stopped = Stopped {
            go,
            taken: Arc::clone(&taken),
        };
        let mut output = Output::start(stopped).unwrap();
        for _ in 0..2 * WAITING_MAX {
            output.write_all(b"x").unwrap();
        }
        assert!(output.lost.load(Ordering::Relaxed) >= WAITING_MAX as u64 - 1);
        // From here on it reads everything.
        drop(start);
        output.flushed().await;
        let taken = taken.lock().len();
        assert!((WAITING_MAX..=WAITING_MAX + 1).contains(&taken), "{taken}");
    }

    /// Fails like a closed pipe.
    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    #[tokio::test]
    async fn a_closed_pipe_is_no_error() {
        let mut output = Output::start(Closed).unwrap();
        writeln!(output, "nobody reads this").unwrap();
        output.flushed().await;
    }
}
