//! The poll that each thread is inside of, for the watchdogs to read.
//!
//! A thread writes its own slot at each poll, which takes four nanoseconds, no lock and no
//! allocation. A watchdog reads the slots of all threads 40 to 1,000 times a second, depending on
//! its limit.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread;

use parking_lot::{Mutex, MutexGuard};

use crate::clock::now_ns;
use crate::seqlock::Seqlock;
use crate::{sleep, stack};

/// Which watchdog watches a poll, and what is polled. From
/// [`Watchdog::poll_id`](crate::Watchdog::poll_id).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollId {
    pub(crate) watchdog: u32,
    pub(crate) poll: u32,
}

impl PollId {
    fn to_bits(self) -> u64 {
        u64::from(self.watchdog) << 32 | u64::from(self.poll)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the halves of a u64")]
    fn from_bits(bits: u64) -> Self {
        Self {
            watchdog: (bits >> 32) as u32,
            poll: bits as u32,
        }
    }
}

/// The poll that a thread is inside of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Poll {
    /// When it began, by [`now_ns`]. No two polls of one thread begin at the same time.
    pub(crate) began_ns: u64,
    pub(crate) id: PollId,
}

/// One thread. Only that thread writes it. Why the alignment: no other data shares its cache lines.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Slot {
    /// When the poll began, which is 0 outside of any poll, and its id.
    poll: Seqlock,
    /// When the last pause ended. Polls around the pause count from then.
    resumed_ns: AtomicU64,
    /// The thread id of the kernel; 0 on platforms that have none.
    pub(crate) tid: i32,
    pub(crate) name: Box<str>,
    /// The addresses of its stack. Empty without the feature `stacks`.
    pub(crate) stack: Range<usize>,
}

/// The slots of all living threads.
static SLOTS: Mutex<Slots> = Mutex::new(Slots {
    list: Vec::new(),
    added: 0,
});

#[derive(Debug)]
struct Slots {
    /// Each slot with its number, in the order in which they were added.
    list: Vec<(u64, Weak<Slot>)>,
    /// The number of slots that were ever added.
    added: u64,
}

thread_local! {
    static SLOT: Arc<Slot> = Slot::register();
}

/// This thread is inside a poll from `now_ns` until the guard is dropped. Then it is inside the
/// enclosing poll again, if there is one.
///
/// `now_ns` is the present time by [`now_ns`](crate::now_ns). Polls may nest.
///
/// ```
/// use std::time::Duration;
///
/// use sabr_watchdog::{Watchdog, enter, now_ns};
///
/// let watchdog = Watchdog::new(Duration::from_millis(100));
/// {
///     let _guard = enter(now_ns(), watchdog.poll_id(7));
///     // Poll the future.
/// }
/// ```
#[inline]
pub fn enter(now_ns: u64, id: PollId) -> PollGuard {
    // A thread that is ending has no slot any more, and is not watched.
    let (outer_ns, outer_id) = SLOT
        .try_with(|slot| slot.enter(now_ns, id.to_bits()))
        .unwrap_or_default();
    sleep::wake_all();
    PollGuard {
        outer_ns,
        outer_id,
        on_this_thread: PhantomData,
    }
}

/// Changes the id of the poll that this thread is inside of, for callers that learn it during the
/// poll.
#[inline]
pub fn rename(id: PollId) {
    let _ = SLOT.try_with(|slot| slot.poll.write_second(id.to_bits()));
}

/// Suspends watching this thread until the guard is dropped. The polls around it are then measured
/// from that moment. For code that is allowed to block, such as the closure of tokio's
/// `block_in_place`.
#[inline]
pub fn pause() -> PauseGuard {
    let began_ns = SLOT.try_with(|slot| slot.write(0)).unwrap_or_default();
    PauseGuard {
        began_ns,
        on_this_thread: PhantomData,
    }
}

/// Ends the poll when it is dropped. From [`enter`].
#[derive(Debug)]
#[must_use = "the poll lasts until the guard is dropped"]
pub struct PollGuard {
    outer_ns: u64,
    outer_id: u64,
    on_this_thread: PhantomData<*const ()>,
}

impl Drop for PollGuard {
    #[inline]
    fn drop(&mut self) {
        let _ = SLOT.try_with(|slot| slot.leave(self.outer_ns, self.outer_id));
    }
}

/// Ends the pause when it is dropped. From [`pause`].
#[derive(Debug)]
#[must_use = "the pause lasts until the guard is dropped"]
pub struct PauseGuard {
    began_ns: u64,
    on_this_thread: PhantomData<*const ()>,
}

impl Drop for PauseGuard {
    fn drop(&mut self) {
        if self.began_ns != 0 {
            let _ = SLOT.try_with(|slot| slot.resume());
        }
    }
}

impl Slot {
    fn new() -> Self {
        Self {
            poll: Seqlock::new(),
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

    /// The poll that the thread is inside of. Called by other threads.
    pub(crate) fn read(&self) -> Option<Poll> {
        let [began_ns, id] = self.poll.read()?;
        let id = PollId::from_bits(id);
        (began_ns != 0).then_some(Poll { began_ns, id })
    }

    /// Changes with every poll.
    pub(crate) fn version(&self) -> u64 {
        self.poll.version()
    }

    #[inline]
    fn enter(&self, now_ns: u64, id: u64) -> (u64, u64) {
        let [outer_ns, outer_id] = self.poll.own();
        self.poll.write([now_ns.max(1), id]);
        (outer_ns, outer_id)
    }

    #[inline]
    fn leave(&self, outer_ns: u64, outer_id: u64) {
        let outer_ns = match outer_ns {
            0 => 0,
            outer => outer.max(self.resumed_ns.load(Ordering::Relaxed)),
        };
        self.poll.write([outer_ns, outer_id]);
    }

    fn resume(&self) {
        let now_ns = now_ns();
        self.resumed_ns.store(now_ns, Ordering::Relaxed);
        self.write(now_ns);
    }

    /// Returns the previous value.
    #[inline]
    fn write(&self, began_ns: u64) -> u64 {
        let [before, id] = self.poll.own();
        self.poll.write([began_ns, id]);
        before
    }
}

/// The slots that were added after the first `added` ones, and the number of slots that were ever
/// added.
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

fn slots() -> MutexGuard<'static, Slots> {
    SLOTS.lock()
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::{Poll, PollId, SLOT, enter, now_ns, pause, rename};

    fn id(poll: u32) -> PollId {
        let watchdog = u32::MAX;
        PollId { watchdog, poll }
    }

    fn here() -> Option<Poll> {
        SLOT.with(|slot| slot.read())
    }

    #[test]
    fn polls_nest() {
        let began = now_ns();
        assert_eq!(here(), None);
        let outer = enter(began, id(1));
        let seen = here();
        assert_eq!(seen.map(|poll| poll.id), Some(id(1)));
        {
            let _inner = enter(began + 1, id(2));
            assert_eq!(here().map(|poll| poll.id), Some(id(2)));
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
        let _inside = enter(now_ns(), id(1));
        let before = here();
        rename(id(7));
        assert_eq!(here().map(|poll| poll.id), Some(id(7)));
        let began = |poll: Option<Poll>| poll.map(|poll| poll.began_ns);
        assert_eq!(began(here()), began(before));
    }

    #[test]
    fn a_pause_counts_for_no_poll_around_it() {
        let outer = enter(now_ns(), id(1));
        let inner = enter(now_ns(), id(2));
        let paused = pause();
        assert_eq!(here(), None);
        {
            let _again = pause();
        }
        assert_eq!(here(), None);
        {
            let _inside = enter(now_ns(), id(3));
            assert_eq!(here().map(|poll| poll.id), Some(id(3)));
        }
        let resumed_ns = now_ns();
        drop(paused);
        let after = here().unwrap();
        assert_eq!(after.id, id(2));
        assert!(after.began_ns >= resumed_ns);
        drop(inner);
        let after = here().unwrap();
        assert_eq!(after.id, id(1));
        assert!(after.began_ns >= resumed_ns);
        drop(outer);
        assert_eq!(here(), None);
    }

    #[test]
    fn a_panic_leaves_the_poll() {
        let panicked = thread::spawn(|| {
            let caught = std::panic::catch_unwind(|| {
                let _inside = enter(now_ns(), id(1));
                std::panic::resume_unwind(Box::new(()));
            });
            (caught.is_err(), here())
        });
        assert_eq!(panicked.join().unwrap(), (true, None));
    }
}
