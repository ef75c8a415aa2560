//! The addresses on the stack of another thread: it writes them down itself, in a signal handler.
//!
//! Why it is sound, as far as it can be: the handler runs on a thread of ours between any two of its instructions,
//! so it may call only what is safe there. It reads and writes atomics, asks for its thread id, and unwinds.
//! Unwinding allocates nothing and formats nothing here. It is not formally safe in a signal handler: the
//! unwinder finds its tables by a lock-free look-up of the loader (glibc 2.35 and later) or under the
//! loader's lock (before), which the loader's own threads hold for moments and which is recursive. It is warmed up
//! before the first signal, and it is done only for a thread that has just been certain to be stalled, once for
//! each stall.
//!
//! The handler does not run on the alternate signal stack (`SA_ONSTACK`): that of Rust's threads is as small as
//! 8 KiB, of which the kernel may take half for the registers, while the stack of a stalled thread has room.

#![allow(
    unsafe_code,
    reason = "a signal handler and what it reads; std has neither"
)]

use std::ffi::{c_int, c_void};
use std::io;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The most calls that are written down, from the innermost.
const FRAMES_MAX: usize = 256;

/// How long a thread may take to answer. A thread that the kernel does not let run, or that has blocked the signal,
/// does not.
const PATIENCE: Duration = Duration::from_millis(100);

/// Which thread is to write, and for which capture: the token above, the thread id below. 0 for none.
///
/// A handler takes it before it writes. So a signal that comes late, or that somebody else has sent, does
/// nothing.
static ARMED: AtomicU64 = AtomicU64::new(0);

/// The token of the last capture that was written whole.
static DONE: AtomicU32 = AtomicU32::new(0);

/// Where the thread was interrupted.
static INTERRUPTED_AT: AtomicUsize = AtomicUsize::new(0);

static LENGTH: AtomicUsize = AtomicUsize::new(0);
static FRAMES: [AtomicUsize; FRAMES_MAX] = [const { AtomicUsize::new(0) }; FRAMES_MAX];

/// One capture at a time.
static CAPTURES: Mutex<Captures> = Mutex::new(Captures {
    token: 0,
    unfinished: None,
});

struct Captures {
    token: u32,
    /// One whose handler had begun to write and had not ended in time: until it has, nobody else may.
    unfinished: Option<u32>,
}

/// The addresses, the innermost first.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    /// Whether the first is where the thread was; all others are where it will return to.
    pub(super) first_is_exact: bool,
    pub(super) list: Vec<usize>,
}

/// Installs the handler, once for the process.
pub(super) fn install() {
    installed();
}

/// What the thread `tid` of this process is doing, or nothing if it does not say so in time.
pub(super) fn capture(tid: i32) -> Option<Addresses> {
    let signal = installed()?;
    let mut captures = CAPTURES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(unfinished) = captures.unfinished {
        if DONE.load(Ordering::Acquire) != unfinished {
            return None;
        }
        captures.unfinished = None;
    }
    // Somebody may have put their own handler in the place of ours. Worse, there may be none: then the
    // signal would end the process.
    if !is_ours(signal) {
        return None;
    }
    captures.token = captures.token.wrapping_add(1).max(1);
    let token = captures.token;
    let armed = u64::from(token) << 32 | u64::from(u32::try_from(tid).ok()?);
    ARMED.store(armed, Ordering::Release);
    let done = send(signal, tid).is_ok() && wait_for(token);
    if !done && !take(armed) && !wait_for(token) {
        captures.unfinished = Some(token);
        return None;
    }
    (DONE.load(Ordering::Acquire) == token).then(read)
}

fn wait_for(token: u32) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while DONE.load(Ordering::Acquire) != token {
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(Duration::from_micros(50));
    }
    true
}

/// Whether it was still there: the handler takes it to write, the watchdog to give up.
fn take(armed: u64) -> bool {
    let taken = ARMED.compare_exchange(armed, 0, Ordering::AcqRel, Ordering::Acquire);
    taken.is_ok()
}

fn read() -> Addresses {
    let length = LENGTH.load(Ordering::Relaxed).min(FRAMES_MAX);
    let list = FRAMES[..length].iter();
    let list: Vec<_> = list.map(|frame| frame.load(Ordering::Relaxed)).collect();
    // The first calls are those of the handler itself.
    let interrupted_at = INTERRUPTED_AT.load(Ordering::Relaxed);
    let first = list.iter().position(|frame| *frame == interrupted_at);
    Addresses {
        first_is_exact: first.is_some(),
        list: list[first.unwrap_or_default()..].to_vec(),
    }
}

/// The signal, if its handler is ours.
fn installed() -> Option<c_int> {
    static SIGNAL: OnceLock<Option<c_int>> = OnceLock::new();
    *SIGNAL.get_or_init(|| {
        // Programs that use real-time signals tend to count from either end.
        let signal = libc::SIGRTMIN() + 12;
        match try_install(signal) {
            Ok(()) => Some(signal),
            Err(error) => {
                tracing::warn!(signal, %error, "stalls are reported without their stack");
                None
            }
        }
    })
}

fn try_install(signal: c_int) -> io::Result<()> {
    // SAFETY: it is called once before any signal can be, so that what the unwinder does only once is not
    // done in the handler. Without the lock of `backtrace::trace` it is sound on this platform, where
    // that lock guards nothing: it is there for `dbghelp` on Windows.
    unsafe { backtrace::trace_unsynchronized(|frame| !frame.ip().is_null()) };

    if current(signal)?.sa_sigaction != libc::SIG_DFL {
        return Err(io::Error::other("the signal is used by somebody else"));
    }
    // SAFETY: all-zero bytes are a `sigaction`: numbers, an empty mask, and no restorer.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = address_of_handler();
    action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART;
    // SAFETY: `action` is whole, and its handler is a function of the type that `SA_SIGINFO` asks for, which
    // lives as long as the process.
    check(unsafe { libc::sigaction(signal, &raw const action, null_mut()) })
}

fn is_ours(signal: c_int) -> bool {
    current(signal).is_ok_and(|action| action.sa_sigaction == address_of_handler())
}

fn address_of_handler() -> usize {
    let handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) = handler;
    handler as usize
}

fn current(signal: c_int) -> io::Result<libc::sigaction> {
    // SAFETY: as in `try_install`.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: a null action changes nothing, and `action` has room for the current one.
    check(unsafe { libc::sigaction(signal, std::ptr::null(), &raw mut action) })?;
    Ok(action)
}

fn send(signal: c_int, tid: i32) -> io::Result<()> {
    // SAFETY: plain numbers. A thread that has ended is an error; one of another process can't be meant,
    // because our own process is named too.
    check(unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), tid, signal) } as c_int)
}

fn check(result: c_int) -> io::Result<()> {
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Runs on the stalled thread, in the middle of whatever it is doing.
extern "C" fn handler(_signal: c_int, _info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: `errno` is the thread's own, and always there.
    let errno = unsafe { *libc::__errno_location() };

    let armed = ARMED.load(Ordering::Acquire);
    // SAFETY: it has no conditions.
    let tid = unsafe { libc::gettid() };
    let (token, meant) = ((armed >> 32) as u32, armed as u32);
    if armed != 0 && i64::from(meant) == i64::from(tid) && take(armed) {
        write_down(context);
        DONE.store(token, Ordering::Release);
    }

    // SAFETY: as above. The code that was interrupted may be about to look at it.
    unsafe { *libc::__errno_location() = errno };
}

fn write_down(context: *mut c_void) {
    // SAFETY: the kernel gives a handler with `SA_SIGINFO` a valid `ucontext_t`, for as long as it runs.
    let context = unsafe { &*context.cast::<libc::ucontext_t>() };
    INTERRUPTED_AT.store(program_counter(context), Ordering::Relaxed);
    let mut length = 0;
    let mut write = |frame: &backtrace::Frame| {
        if let Some(place) = FRAMES.get(length) {
            place.store(frame.ip() as usize, Ordering::Relaxed);
            length += 1;
        }
        length < FRAMES_MAX
    };
    // SAFETY: as in `try_install`; that it is called in a signal handler is what the head of this module is
    // about. The closure neither panics nor allocates.
    unsafe { backtrace::trace_unsynchronized(&mut write) };
    LENGTH.store(length, Ordering::Relaxed);
}

#[cfg(target_arch = "x86_64")]
fn program_counter(context: &libc::ucontext_t) -> usize {
    context.uc_mcontext.gregs[libc::REG_RIP as usize] as usize
}

#[cfg(target_arch = "aarch64")]
fn program_counter(context: &libc::ucontext_t) -> usize {
    context.uc_mcontext.pc as usize
}
