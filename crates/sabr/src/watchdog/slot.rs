//! What each thread is inside of, for others to read.
//!
//! A thread writes its own slot at each poll: four nanoseconds, no lock, no allocation. The watchdog reads it now and
//! then, and is the one who pays.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;

use super::{Polled, doze, stack};
use sabr_ledger::Nanos;

use crate::ledger::clock;

/// Whose poll it is: a ledger of this process, and what of it is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct What {
    pub(crate) ledger: u32,
    pub(crate) polled: Polled,
}

impl What {
    fn to_bits(self) -> u64 {
        u64::from(self.ledger) << 32 | u64::from(self.polled.to_bits())
    }

    #[expect(clippy::cast_possible_truncation, reason = "the halves of a u64")]
    fn from_bits(bits: u64) -> Self {
        Self {
            ledger: (bits >> 32) as u32,
            polled: Polled::from_bits(bits as u32),
        }
    }
}

/// The poll that a thread is inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Poll {
    /// When it began, as [`now_ns`] says. Of the polls of one thread each has its own.
    pub(crate) began_ns: u64,
    pub(crate) what: What,
}

/// One thread. Only that thread writes it. Alone on its cache lines.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Slot {
    /// How often the two below were written, twice; odd while they are.
    version: AtomicU64,
    /// 0 outside any poll.
    began_ns: AtomicU64,
    what: AtomicU64,
    /// When the last pause ended: a poll around it has no claim on the time before.
    resumed_ns: AtomicU64,
    /// The thread as the kernel knows it; 0 where that can't be had.
    pub(crate) tid: i32,
    pub(crate) name: Box<str>,
    /// Where its stack is, if that is asked for.
    pub(crate) stack: Range<usize>,
}

/// All slots whose thread lives, and how often one was added.
static SLOTS: Mutex<Slots> = Mutex::new(Slots {
    list: Vec::new(),
    added: 0,
});

#[derive(Debug)]
struct Slots {
    /// Each with the count when it was added.
    list: Vec<(u64, Weak<Slot>)>,
    added: u64,
}

thread_local! {
    static SLOT: Arc<Slot> = Slot::register();
}

/// The thread is inside a poll from `now`, by the system's clock, until the guard is dropped. Then it is inside of
/// what it was before.
#[inline]
pub(crate) fn enter(now: Nanos, what: What) -> Inside {
    // A thread that is ending has no slot any more: nobody will miss it.
    let (outer_ns, outer_what) = SLOT
        .try_with(|slot| slot.enter(now, what.to_bits()))
        .unwrap_or_default();
    doze::wake();
    Inside {
        outer_ns,
        outer_what,
        on_this_thread: PhantomData,
    }
}

/// Whose poll it is that the thread is inside of, once that is known.
#[inline]
pub(crate) fn name(what: What) {
    let _ = SLOT.try_with(|slot| slot.what.store(what.to_bits(), Ordering::Relaxed));
}

/// Until the guard is dropped, the thread may do what it likes: it is not held against the poll it is inside of.
#[inline]
pub(crate) fn pause() -> Paused {
    let began_ns = SLOT.try_with(|slot| slot.write(0)).unwrap_or_default();
    Paused {
        began_ns,
        on_this_thread: PhantomData,
    }
}

/// Ends the poll.
#[derive(Debug)]
#[must_use = "the poll lasts until it is dropped"]
pub(crate) struct Inside {
    outer_ns: u64,
    outer_what: u64,
    on_this_thread: PhantomData<*const ()>,
}

impl Drop for Inside {
    #[inline]
    fn drop(&mut self) {
        let _ = SLOT.try_with(|slot| slot.leave(self.outer_ns, self.outer_what));
    }
}

/// Ends the pause.
#[derive(Debug)]
#[must_use = "the pause lasts until it is dropped"]
pub(crate) struct Paused {
    began_ns: u64,
    on_this_thread: PhantomData<*const ()>,
}

impl Drop for Paused {
    fn drop(&mut self) {
        if self.began_ns != 0 {
            let _ = SLOT.try_with(|slot| slot.resume());
        }
    }
}

impl Slot {
    fn new() -> Self {
        Self {
            version: AtomicU64::new(0),
            began_ns: AtomicU64::new(0),
            what: AtomicU64::new(0),
            resumed_ns: AtomicU64::new(0),
            tid: tid(),
            name: thread::current().name().unwrap_or("unnamed").into(),
            stack: stack::of_this_thread(),
        }
    }

    fn register() -> Arc<Self> {
        let slot = Arc::new(Self::new());
        let mut slots = slots();
        slots.list.retain(|(_, slot)| slot.strong_count() > 0);
        slots.added += 1;
        let added = slots.added;
        slots.list.push((added, Arc::downgrade(&slot)));
        slot
    }

    /// The poll that it is inside of, seen from another thread.
    pub(crate) fn read(&self) -> Option<Poll> {
        // Writing takes two nanoseconds, so the second try nearly always succeeds; a thread that is taken off
        // the CPU in between will be seen the next time.
        for _ in 0..8 {
            let version = self.version.load(Ordering::Acquire);
            let began_ns = self.began_ns.load(Ordering::Relaxed);
            let what = self.what.load(Ordering::Relaxed);
            fence(Ordering::Acquire);
            if version.is_multiple_of(2) && self.version.load(Ordering::Relaxed) == version {
                let what = What::from_bits(what);
                return (began_ns != 0).then_some(Poll { began_ns, what });
            }
        }
        None
    }

    /// Changes with every poll.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }

    #[inline]
    fn enter(&self, now_ns: u64, what: u64) -> (u64, u64) {
        let outer_what = self.what.load(Ordering::Relaxed);
        let outer_ns = self.began_ns.load(Ordering::Relaxed);
        self.write_both(now_ns.max(1), what);
        (outer_ns, outer_what)
    }

    #[inline]
    fn leave(&self, outer_ns: u64, outer_what: u64) {
        let outer_ns = match outer_ns {
            0 => 0,
            outer => outer.max(self.resumed_ns.load(Ordering::Relaxed)),
        };
        self.write_both(outer_ns, outer_what);
    }

    fn resume(&self) {
        let now_ns = now_ns();
        self.resumed_ns.store(now_ns, Ordering::Relaxed);
        self.write(now_ns);
    }

    /// Gives what was there before.
    #[inline]
    fn write(&self, began_ns: u64) -> u64 {
        let before = self.began_ns.load(Ordering::Relaxed);
        self.write_both(began_ns, self.what.load(Ordering::Relaxed));
        before
    }

    #[inline]
    fn write_both(&self, began_ns: u64, what: u64) {
        let version = self.version.load(Ordering::Relaxed);
        self.version.store(version + 1, Ordering::Relaxed);
        fence(Ordering::Release);
        self.began_ns.store(began_ns, Ordering::Relaxed);
        self.what.store(what, Ordering::Relaxed);
        self.version.store(version + 2, Ordering::Release);
    }
}

/// What time it is. Never 0, which means that there is no poll.
pub(super) fn now_ns() -> Nanos {
    clock::now().max(1)
}

/// The slots added since `added` was the count of them; and the count as it is now.
pub(crate) fn added_since(added: u64) -> (Vec<Weak<Slot>>, u64) {
    let slots = slots();
    let new = slots.list.iter().filter(|(at, _)| *at > added);
    let new = new.map(|(_, slot)| Weak::clone(slot)).collect();
    (new, slots.added)
}

#[cfg(target_os = "linux")]
fn tid() -> i32 {
    nix::unistd::gettid().as_raw()
}

#[cfg(not(target_os = "linux"))]
fn tid() -> i32 {
    0
}

/// Nothing of ours panics under the lock, so a poisoned list is still whole.
fn slots() -> MutexGuard<'static, Slots> {
    SLOTS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::{Poll, Polled, SLOT, Slot, What, enter, name, now_ns, pause};

    fn what(endpoint: u32) -> What {
        let ledger = u32::MAX;
        let polled = Polled::endpoint(endpoint);
        What { ledger, polled }
    }

    fn here() -> Option<Poll> {
        SLOT.with(|slot| slot.read())
    }

    #[test]
    fn polls_nest() {
        let began = now_ns();
        assert_eq!(here(), None);
        let outer = enter(began, what(1));
        let seen = here();
        assert_eq!(seen.map(|poll| poll.what), Some(what(1)));
        {
            let _inner = enter(began + 1, what(2));
            assert_eq!(here().map(|poll| poll.what), Some(what(2)));
            assert_ne!(
                here().map(|poll| poll.began_ns),
                seen.map(|poll| poll.began_ns)
            );
        }
        assert_eq!(here(), seen);
        drop(outer);
        assert_eq!(here(), None);
    }

    #[test]
    fn a_poll_is_named_in_its_middle() {
        let _inside = enter(now_ns(), what(1));
        let before = here();
        name(what(7));
        assert_eq!(here().map(|poll| poll.what), Some(what(7)));
        let began = |poll: Option<Poll>| poll.map(|poll| poll.began_ns);
        assert_eq!(began(here()), began(before));
    }

    #[test]
    fn a_pause_is_held_against_no_poll_around_it() {
        let outer = enter(now_ns(), what(1));
        let inner = enter(now_ns(), what(2));
        let paused = pause();
        assert_eq!(here(), None);
        {
            let _again = pause();
        }
        assert_eq!(here(), None);
        {
            let _inside = enter(now_ns(), what(3));
            assert_eq!(here().map(|poll| poll.what), Some(what(3)));
        }
        let resumed_ns = now_ns();
        drop(paused);
        let after = here().unwrap();
        assert_eq!(after.what, what(2));
        assert!(after.began_ns >= resumed_ns);
        drop(inner);
        let after = here().unwrap();
        assert_eq!(after.what, what(1));
        assert!(after.began_ns >= resumed_ns);
        drop(outer);
        assert_eq!(here(), None);
    }

    #[test]
    fn a_panic_leaves_the_poll() {
        let panicked = thread::spawn(|| {
            let caught = std::panic::catch_unwind(|| {
                let _inside = enter(now_ns(), what(1));
                std::panic::resume_unwind(Box::new(()));
            });
            (caught.is_err(), here())
        });
        assert_eq!(panicked.join().unwrap(), (true, None));
    }

    /// The two numbers that are written together are read together.
    #[test]
    fn a_reader_sees_whole_polls() {
        let slot = Arc::new(Slot::new());
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                for number in 1.. {
                    slot.write_both(number, number);
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                }
            });
            for _ in 0..100_000 {
                if let Some(poll) = slot.read() {
                    assert_eq!(poll.began_ns, poll.what.to_bits());
                }
            }
            stop.store(true, Ordering::Relaxed);
        });
    }
}
