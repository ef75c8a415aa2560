use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The bytes of large and streamed answers that wait in memory for their clients, and their bound.
///
/// The count orders no other memory. It may lag behind concurrent additions.
#[derive(Debug)]
pub(crate) struct ResponseBudget {
    limit: usize,
    used: AtomicUsize,
    freed: Notify,
}

impl ResponseBudget {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            used: AtomicUsize::new(0),
            freed: Notify::new(),
        }
    }

    /// Charges `bytes` if they fit. An answer that is larger than the whole budget fits if nothing
    /// else is charged.
    pub(crate) fn try_charge(self: &Arc<Self>, bytes: usize) -> Option<Charge> {
        let fits = |used: usize| {
            let after = used.saturating_add(bytes);
            (used == 0 || after <= self.limit).then_some(after)
        };
        let relaxed = Ordering::Relaxed;
        self.used.fetch_update(relaxed, relaxed, fits).ok()?;
        Some(self.charged(bytes))
    }

    /// Charges bytes that are in memory already, whether they fit or not.
    pub(crate) fn charge(self: &Arc<Self>, bytes: usize) -> Charge {
        self.used.fetch_add(bytes, Ordering::Relaxed);
        self.charged(bytes)
    }

    fn charged(self: &Arc<Self>, bytes: usize) -> Charge {
        let budget = Arc::clone(self);
        Charge { budget, bytes }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.used.load(Ordering::Relaxed) >= self.limit
    }

    /// Waits until the budget is not full.
    pub(crate) async fn room(self: Arc<Self>) {
        loop {
            let freed = self.freed.notified();
            if !self.is_full() {
                return;
            }
            freed.await;
        }
    }
}

/// The charge for an answer's bytes. Dropping it returns them to the budget.
#[derive(Debug)]
pub(crate) struct Charge {
    budget: Arc<ResponseBudget>,
    bytes: usize,
}

impl Drop for Charge {
    fn drop(&mut self) {
        let before = self.budget.used.fetch_sub(self.bytes, Ordering::Relaxed);
        let limit = self.budget.limit;
        if before >= limit && before - self.bytes < limit {
            self.budget.freed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn what_does_not_fit_is_charged_alone_or_not_at_all() {
        let budget = Arc::new(ResponseBudget::new(100));
        let charge = budget.try_charge(60).unwrap();
        assert!(budget.try_charge(41).is_none());
        let fits = budget.try_charge(40).unwrap();
        assert!(budget.is_full());
        drop((charge, fits));
        let large = budget.try_charge(1000).unwrap();
        assert!(budget.try_charge(1).is_none());
        drop(large);
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn room_is_waited_for() {
        let budget = Arc::new(ResponseBudget::new(100));
        let charge = budget.charge(100);
        let mut room = Box::pin(Arc::clone(&budget).room());
        assert!(room.as_mut().now_or_never().is_none());
        drop(charge);
        assert!(room.now_or_never().is_some());
    }
}
