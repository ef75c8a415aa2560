//! Permits for the reading connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Error;
use crate::error::Kind;

/// One permit for each connection, and a bounded queue of reads that wait for one.
pub(crate) struct Permits {
    free: Arc<Semaphore>,
    /// A long read needs one of these as well. There is one fewer than connections, so that long
    /// reads leave one to short reads.
    long: Arc<Semaphore>,
    count: usize,
    waiting: AtomicUsize,
    waiting_max: usize,
    pub(crate) rejected: AtomicU64,
}

/// The right to use one connection, until it is dropped.
pub(crate) struct Permit {
    _free: OwnedSemaphorePermit,
    _long: Option<OwnedSemaphorePermit>,
}

impl Permits {
    pub(crate) fn new(count: usize, waiting_max: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(count)),
            long: Arc::new(Semaphore::new(long_max(count))),
            count,
            waiting: AtomicUsize::new(0),
            waiting_max,
            rejected: AtomicU64::new(0),
        }
    }

    /// For a short read. Waits for an idle connection.
    pub(crate) async fn short(&self) -> Result<Permit, Error> {
        Ok(Permit {
            _long: None,
            _free: self.acquire(&self.free).await?,
        })
    }

    /// For a long read. Waits until a connection is idle and another one is left for short reads.
    pub(crate) async fn long(&self) -> Result<Permit, Error> {
        Ok(Permit {
            _long: Some(self.acquire(&self.long).await?),
            _free: self.acquire(&self.free).await?,
        })
    }

    /// Waits until all connections are idle, and then hands out none.
    pub(crate) async fn close(&self) {
        // Long permits first: a long read that has one still gets its connection.
        for (permits, count) in [(&self.long, long_max(self.count)), (&self.free, self.count)] {
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            if let Ok(permits) = permits.acquire_many(count).await {
                permits.forget();
            }
        }
        self.free.close();
        self.long.close();
    }

    async fn acquire(&self, permits: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Error> {
        if let Ok(permit) = Arc::clone(permits).try_acquire_owned() {
            return Ok(permit);
        }
        // This count orders no other memory, so relaxed ordering suffices.
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= self.waiting_max {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            self.rejected.fetch_add(1, Ordering::Relaxed);
            let capacity = self.waiting_max;
            return Err(Kind::Overloaded { capacity }.into());
        }
        let _leave = Leave(&self.waiting);
        let permit = Arc::clone(permits).acquire_owned().await;
        permit.map_err(|_| Kind::Closed.into())
    }
}

fn long_max(count: usize) -> usize {
    count.saturating_sub(1).max(1)
}

/// Decrements the count of waiting reads, also when the future is dropped.
struct Leave<'count>(&'count AtomicUsize);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
