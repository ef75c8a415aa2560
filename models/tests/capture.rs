//! The handshake of a stack's capture: one thread asks, a signal handler writes.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use models as primitives;

#[path = "../../crates/sabr-watchdog/src/stack/system/handshake.rs"]
mod handshake;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;
use models::AtomicU64;

use crate::handshake::{Handshake, Permission};

const TID: u32 = 7;

struct Shared {
    handshake: Handshake,
    /// Loom fails the model if one thread writes this while another reads or writes it.
    copied: UnsafeCell<u64>,
}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            handshake: Handshake {
                permitted: AtomicU64::new(0),
                done: AtomicU64::new(0),
            },
            copied: UnsafeCell::new(0),
        })
    }

    /// What the signal handler does on the thread `tid`.
    fn handle(&self, tid: u32) {
        if let Some(permission) = self.handshake.begin(tid) {
            #[expect(unsafe_code, reason = "loom checks each access to the cell")]
            self.copied.with_mut(|copied| unsafe { *copied += 1 });
            self.handshake.finish(permission);
        }
    }

    /// One capture, without patience: the number that it found, if the handler has finished.
    fn capture(&self, token: u32) -> Result<u64, Permission> {
        let permission = Permission::new(token, TID);
        self.handshake.permit(permission);
        thread::yield_now();
        if !self.handshake.is_done(permission) && self.handshake.take(permission) {
            return Ok(0);
        }
        match self.handshake.is_done(permission) {
            true => Ok(self.read()),
            false => Err(permission),
        }
    }

    #[expect(unsafe_code, reason = "loom checks each access to the cell")]
    fn read(&self) -> u64 {
        self.copied.with(|copied| unsafe { *copied })
    }
}

/// Two captures, while signals arrive at any moment. The second one is made only when the first is
/// complete or was taken back, as the watchdog does.
#[test]
fn a_capture_is_read_whole_or_not_at_all() {
    models::check_bounded(|| {
        let shared = Shared::new();
        let handler = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                shared.handle(TID);
                shared.handle(TID);
            })
        };
        let first = shared.capture(1);
        let unfinished = first.is_err_and(|permission| !shared.handshake.is_done(permission));
        if !unfinished {
            let _ = shared.capture(2);
        }
        handler.join().unwrap();
        assert!(shared.read() <= 2);
    });
}

#[test]
fn a_handler_on_another_thread_writes_nothing() {
    models::check(|| {
        let shared = Shared::new();
        let handler = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.handle(TID + 1))
        };
        let permission = Permission::new(1, TID);
        shared.handshake.permit(permission);
        handler.join().unwrap();
        assert_eq!(shared.read(), 0);
        assert!(shared.handshake.take(permission));
    });
}
