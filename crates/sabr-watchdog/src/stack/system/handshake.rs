//! Who may write the shared copy of a stack: a signal handler, once, and only while it is awaited.

use crate::primitives::{AtomicU64, Ordering};

/// The handshake between the thread that wants a capture and the handler that makes it.
///
/// A handler takes the permission before it writes. So a signal that arrives late, or that another
/// program has sent, does nothing.
#[derive(Debug)]
pub(crate) struct Handshake {
    /// The capture that a handler may write: its token in the upper half, the thread id in the
    /// lower half. 0 for none.
    pub(crate) permitted: AtomicU64,
    /// The token of the last complete capture.
    pub(crate) done: AtomicU64,
}

/// A permission to write one capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Permission(u64);

impl Permission {
    /// `token` is not 0.
    pub(crate) fn new(token: u32, tid: u32) -> Self {
        Self(u64::from(token) << 32 | u64::from(tid))
    }

    fn token(self) -> u64 {
        self.0 >> 32
    }

    fn tid(self) -> u64 {
        self.0 & u64::from(u32::MAX)
    }
}

impl Handshake {
    /// Lets the handler write. What the caller wrote before is visible to the handler.
    pub(crate) fn permit(&self, permission: Permission) {
        self.permitted.store(permission.0, Ordering::Release);
    }

    /// In the handler, on the thread `tid`: the permission to write, if there is one for this
    /// thread.
    pub(crate) fn begin(&self, tid: u32) -> Option<Permission> {
        let permission = Permission(self.permitted.load(Ordering::Acquire));
        let meant = permission.0 != 0 && permission.tid() == u64::from(tid);
        (meant && self.take(permission)).then_some(permission)
    }

    /// In the handler: the capture is complete.
    pub(crate) fn finish(&self, permission: Permission) {
        self.done.store(permission.token(), Ordering::Release);
    }

    /// Whether the capture is complete. Then the caller may read it.
    pub(crate) fn is_done(&self, permission: Permission) -> bool {
        self.done.load(Ordering::Acquire) == permission.token()
    }

    /// Takes the permission back. Returns `false` if the handler has begun: then the caller has to
    /// wait until the capture is complete, before there is another one.
    pub(crate) fn take(&self, permission: Permission) -> bool {
        self.permitted
            .compare_exchange(permission.0, 0, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }
}
