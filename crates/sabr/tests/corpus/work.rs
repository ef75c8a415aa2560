//! The work that handlers do.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use nix::time::{ClockId, clock_gettime};

pub(crate) const fn us(us: u64) -> Duration {
    Duration::from_micros(us)
}

pub(crate) const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The CPU time of this thread.
pub(crate) fn cpu_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
        .unwrap()
        .into()
}

/// Uses this much CPU time, on a busy machine as on an idle one.
pub(crate) fn spin(time: Duration) {
    let end = cpu_time() + time;
    while cpu_time() < end {
        std::hint::spin_loop();
    }
}

/// Waits, and holds the thread.
pub(crate) fn block(time: Duration) {
    std::thread::sleep(time);
}

/// Waits, and gives the thread back.
pub(crate) async fn nap(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Runs `f` on another thread after `time`.
pub(crate) fn after(time: Duration, f: impl FnOnce() + Send + 'static) {
    std::thread::spawn(move || {
        block(time);
        f();
    });
}

/// Counts calls, and selects every `one_in`-th.
#[derive(Clone, Default)]
pub(crate) struct Nth(Arc<AtomicU64>);

impl Nth {
    pub(crate) fn is_due(&self, one_in: u64) -> bool {
        self.0
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(one_in)
    }
}

/// A body of this many pieces, each made by `piece`.
pub(crate) fn pieces<F>(count: usize, piece: impl Fn() -> F + Send + 'static) -> Body
where
    F: Future<Output = Bytes> + Send + 'static,
{
    let pieces = stream::iter(0..count).then(move |_| piece());
    Body::from_stream(pieces.map(Ok::<_, Infallible>))
}

/// Runs a future on this thread, as `futures::executor::block_on` does.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// Panics without printing a message, so that the output of the test stays readable.
pub(crate) fn fail() {
    std::panic::resume_unwind(Box::new("on purpose"));
}
