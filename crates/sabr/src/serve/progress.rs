use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Whether a connection gets anywhere, as its idle timeout asks now and then.
///
/// They order no other memory: an old value makes a connection look idle a little later.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    in_flight: AtomicUsize,
    steps: AtomicU64,
    /// The peer takes nothing of what is to be written.
    full: AtomicBool,
}

impl Progress {
    /// Its answer will be a step.
    pub(crate) fn request_began(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn request_ended(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether something has happened since `seen`, which is brought up to date, or a request is in flight that does
    /// not wait for its client alone.
    pub(super) fn since(&self, seen: &mut u64) -> bool {
        let steps = self.steps.load(Ordering::Relaxed);
        let moved = std::mem::replace(seen, steps) != steps;
        let waits_for_us = self.in_flight.load(Ordering::Relaxed) > 0;
        moved || waits_for_us && !self.full.load(Ordering::Relaxed)
    }

    fn writes(&self, full: bool) {
        // A read first: nearly always nothing changes.
        if self.full.load(Ordering::Relaxed) != full {
            self.full.store(full, Ordering::Relaxed);
        }
    }

    fn step(&self) {
        self.steps.fetch_add(1, Ordering::Relaxed);
    }
}

/// A stream whose writes are progress. Its reads are not: a head that trickles in gets nowhere.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) stream: TcpStream,
    pub(super) progress: Arc<Progress>,
}

impl Watched {
    fn wrote(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.progress.writes(written.is_pending());
        let count = ready!(written)?;
        self.progress.step();
        Poll::Ready(Ok(count))
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_moves_while_a_request_is_in_flight_and_after_each_step() {
        let (progress, mut seen) = (Progress::default(), 0);
        assert!(!progress.since(&mut seen));
        progress.request_began();
        assert!(progress.since(&mut seen), "it is in flight");
        progress.writes(true);
        assert!(!progress.since(&mut seen), "its client takes nothing");
        progress.writes(false);
        assert!(progress.since(&mut seen));
        progress.request_ended();
        assert!(!progress.since(&mut seen));
        progress.step();
        assert!(progress.since(&mut seen));
        assert!(!progress.since(&mut seen));
    }
}
