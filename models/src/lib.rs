//! Loom's primitives with the interfaces of those that the libraries use.
//!
//! The tests beside this crate compile source files of the libraries with these primitives. Loom
//! then runs each test under every interleaving of its threads, and with every value that the
//! memory model lets a load return.

use std::ops::{Deref, DerefMut};
use std::task::Waker;
use std::time::Duration;

pub use loom::sync::atomic::{AtomicU64, AtomicUsize, Ordering, fence};

/// Runs a test under all its interleavings.
pub fn check(test: impl Fn() + Sync + Send + 'static) {
    loom::model(test);
}

/// Runs a test under all interleavings with at most two forced switches between threads.
///
/// Why a bound: without it, some tests take hours. Two forced switches find nearly all there is to
/// find (Musuvathi and Qadeer, PLDI 2007).
pub fn check_bounded(test: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(test);
}

/// A lock, as in `parking_lot`: without poisoning.
#[derive(Debug)]
pub struct Mutex<T>(loom::sync::Mutex<T>);

/// A locked [`Mutex`].
#[derive(Debug)]
pub struct MutexGuard<'a, T>(Option<loom::sync::MutexGuard<'a, T>>);

/// A condition variable, as in `parking_lot`.
#[derive(Debug)]
pub struct Condvar(loom::sync::Condvar);

/// The waker of the task that waits, as in `futures-util`.
#[derive(Debug, Default)]
pub struct AtomicWaker(loom::future::AtomicWaker);

impl<T> Mutex<T> {
    /// An unlocked one.
    pub fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    /// Waits for the lock.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        // A thread that panics ends the model.
        MutexGuard(self.0.lock().ok())
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[expect(clippy::expect_used, reason = "a model fails by panicking")]
    fn deref(&self) -> &T {
        self.0.as_ref().expect("the lock is held")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    #[expect(clippy::expect_used, reason = "a model fails by panicking")]
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().expect("the lock is held")
    }
}

impl Condvar {
    /// One that nobody waits for.
    #[expect(
        clippy::new_without_default,
        reason = "`parking_lot` has it, and nothing here needs it"
    )]
    pub fn new() -> Self {
        Self(loom::sync::Condvar::new())
    }

    /// Waits for a notification.
    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        if let Some(held) = guard.0.take() {
            guard.0 = self.0.wait(held).ok();
        }
    }

    /// Waits while the condition holds.
    pub fn wait_while<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) {
        while condition(guard) {
            self.wait(guard);
        }
    }

    /// Waits while the condition holds. Loom has no time, so the timeout never passes, and the
    /// result is `false`.
    pub fn wait_while_for<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        condition: impl FnMut(&mut T) -> bool,
        _timeout: Duration,
    ) -> bool {
        self.wait_while(guard, condition);
        false
    }

    /// Wakes one waiting thread.
    pub fn notify_one(&self) {
        self.0.notify_one();
    }

    /// Wakes all waiting threads.
    pub fn notify_all(&self) {
        self.0.notify_all();
    }
}

impl AtomicWaker {
    /// The task to wake from now on.
    pub fn register(&self, waker: &Waker) {
        self.0.register_by_ref(waker);
    }

    /// Wakes the task that waits, if there is one.
    pub fn wake(&self) {
        self.0.wake();
    }
}
