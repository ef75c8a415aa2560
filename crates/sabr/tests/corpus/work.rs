//! What handlers do.

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

/// Time of this thread on the CPU.
pub(crate) fn cpu_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)
        .unwrap()
        .into()
}

/// Computes for `time` on the CPU: as much on a busy machine as on an idle one.
pub(crate) fn spin(time: Duration) {
    let end = cpu_time() + time;
    while cpu_time() < end {
        std::hint::spin_loop();
    }
}

/// Holds the thread.
pub(crate) fn block(time: Duration) {
    std::thread::sleep(time);
}

/// Waits without a thread.
pub(crate) async fn nap(time: Duration) {
    tokio::time::sleep(time).await;
}

/// Another thread does it after `time`.
pub(crate) fn after(time: Duration, f: impl FnOnce() + Send + 'static) {
    std::thread::spawn(move || {
        block(time);
        f();
    });
}

/// Says yes to every `one_in`-th.
#[derive(Clone, Default)]
pub(crate) struct Nth(Arc<AtomicU64>);

impl Nth {
    pub(crate) fn is_due(&self, one_in: u64) -> bool {
        self.0
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(one_in)
    }
}

/// A body of so many pieces, each made by `piece`.
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

/// A panic that does not fill the test's output.
pub(crate) fn fail() {
    std::panic::resume_unwind(Box::new("on purpose"));
}
