//! The registers and the stack of another thread, which copies them itself in a signal handler.

use std::ffi::{c_int, c_void};
use std::io;
use std::ops::Range;
use std::ptr::{null, null_mut, with_exposed_provenance};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::copied::{Copied, Registers, WORDS_MAX, first_word};
use super::handshake::{Handshake, Permission};

/// How long a thread may take to answer. A thread that has blocked the signal never answers. A
/// thread without a CPU answers late.
const PATIENCE: Duration = Duration::from_millis(300);

static HANDSHAKE: Handshake = Handshake {
    permitted: AtomicU64::new(0),
    done: AtomicU64::new(0),
};

/// The addresses of the stack of that thread. The handler reads nowhere else.
static STACK: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];

/// The registers, in the order of [`Registers`], and what is on the stack.
static REGISTERS: [AtomicU64; 4] = [const { AtomicU64::new(0) }; 4];
static LENGTH: AtomicUsize = AtomicUsize::new(0);
static WORDS: [AtomicU64; WORDS_MAX] = [const { AtomicU64::new(0) }; WORDS_MAX];

/// One capture at a time.
static CAPTURES: Mutex<Captures> = Mutex::new(Captures {
    token: 0,
    unfinished: None,
});

struct Captures {
    token: u32,
    /// A capture whose handler started to write and did not finish in time. There is no other
    /// capture until it has.
    unfinished: Option<Permission>,
}

/// Installs the handler, once for the process.
pub(in super::super) fn install() {
    installed();
}

/// The state of the thread `tid` of this process, whose stack has these addresses. `None` if the
/// thread does not answer in time.
pub(super) fn capture(tid: i32, stack: &Range<usize>) -> Option<Copied> {
    let signal = installed()?;
    let mut captures = CAPTURES.lock();
    if let Some(unfinished) = captures.unfinished {
        if !HANDSHAKE.is_done(unfinished) {
            return None;
        }
        captures.unfinished = None;
    }
    // Other code may have replaced the handler. Without any handler the signal would end the
    // process.
    if !is_ours(signal) {
        return None;
    }
    captures.token = captures.token.wrapping_add(1).max(1);
    let permission = Permission::new(captures.token, u32::try_from(tid).ok()?);
    STACK[0].store(stack.start, Ordering::Relaxed);
    STACK[1].store(stack.end, Ordering::Relaxed);
    HANDSHAKE.permit(permission);
    let done = send(signal, tid).is_ok() && wait_for(permission);
    if !done && !HANDSHAKE.take(permission) && !wait_for(permission) {
        captures.unfinished = Some(permission);
        return None;
    }
    HANDSHAKE.is_done(permission).then(read)
}

fn wait_for(permission: Permission) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while !HANDSHAKE.is_done(permission) {
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(Duration::from_micros(50));
    }
    true
}

fn read() -> Copied {
    let [instruction, stack, frame, link] = REGISTERS
        .each_ref()
        .map(|register| register.load(Ordering::Relaxed));
    let words = &WORDS[..LENGTH.load(Ordering::Relaxed).min(WORDS_MAX)];
    Copied {
        registers: Registers {
            instruction,
            stack,
            frame: Some(frame),
            link,
        },
        words: words
            .iter()
            .map(|word| word.load(Ordering::Relaxed))
            .collect(),
    }
}

/// The signal, if the handler could be installed for it.
fn installed() -> Option<c_int> {
    static SIGNAL: OnceLock<Option<c_int>> = OnceLock::new();
    *SIGNAL.get_or_init(|| {
        // Why this one: programs that use real-time signals tend to count from either end.
        let signal = libc::SIGRTMIN() + 12;
        match try_install(signal) {
            Ok(()) => Some(signal),
            Err(error) => {
                tracing::warn!(signal, %error, "cannot install a signal handler; stalls will be reported without their stacks");
                None
            }
        }
    })
}

fn try_install(signal: c_int) -> io::Result<()> {
    if current(signal)?.sa_sigaction != libc::SIG_DFL {
        return Err(io::Error::other(
            "the program uses this signal for something else",
        ));
    }
    // SAFETY: all-zero bytes are a `sigaction`: numbers, an empty mask, and no restorer.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = address_of_handler();
    action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART | libc::SA_ONSTACK;
    // SAFETY: `action` is whole, and its handler is a function of the type that `SA_SIGINFO` asks
    // for, which lives as long as the process.
    check(unsafe { libc::sigaction(signal, &raw const action, null_mut()) })
}

fn is_ours(signal: c_int) -> bool {
    current(signal).is_ok_and(|action| action.sa_sigaction == address_of_handler())
}

fn address_of_handler() -> usize {
    let handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) = handler;
    (handler as *const ()).expose_provenance()
}

fn current(signal: c_int) -> io::Result<libc::sigaction> {
    // SAFETY: as in `try_install`.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    // SAFETY: a null action changes nothing, and `action` has room for the current one.
    check(unsafe { libc::sigaction(signal, null(), &raw mut action) })?;
    Ok(action)
}

fn send(signal: c_int, tid: i32) -> io::Result<()> {
    // SAFETY: the arguments are plain numbers. The call names this process too, so it cannot reach
    // another one. A thread that has ended is an error.
    check(unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), tid, signal) } as c_int)
}

fn check(result: c_int) -> io::Result<()> {
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Runs on the stalled thread, between any two of its instructions.
extern "C" fn handler(_signal: c_int, _info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: `errno` is the thread's own, and always there.
    let errno = unsafe { *libc::__errno_location() };

    // SAFETY: the call has no preconditions.
    let tid = unsafe { libc::gettid() };
    if let Some(permission) = HANDSHAKE.begin(tid.cast_unsigned()) {
        copy(context);
        HANDSHAKE.finish(permission);
    }

    // SAFETY: as above. The interrupted code may be about to read it.
    unsafe { *libc::__errno_location() = errno };
}

fn copy(context: *mut c_void) {
    // SAFETY: the kernel gives a handler with `SA_SIGINFO` a valid `ucontext_t`, for as long as it
    // runs.
    let registers = registers(unsafe { &*context.cast::<libc::ucontext_t>() });
    for (place, register) in REGISTERS.iter().zip(registers) {
        place.store(register, Ordering::Relaxed);
    }
    let start = first_word(registers[1]) as usize;
    let stack = STACK[0].load(Ordering::Relaxed)..STACK[1].load(Ordering::Relaxed);
    // Some code brings a stack of its own.
    let bytes = if stack.contains(&start) {
        stack.end - start
    } else {
        0
    };
    let length = WORDS.len().min(bytes / size_of::<u64>());
    let words = with_exposed_provenance::<u64>(start);
    for (index, place) in WORDS.iter().take(length).enumerate() {
        // SAFETY: the address is aligned, and between the stack pointer and the end of this
        // thread's stack, which is mapped as long as the thread lives. Other threads may
        // write there, so the read is volatile, and its result is used as a number only.
        place.store(
            unsafe { words.add(index).read_volatile() },
            Ordering::Relaxed,
        );
    }
    LENGTH.store(length, Ordering::Relaxed);
}

#[cfg(target_arch = "x86_64")]
fn registers(context: &libc::ucontext_t) -> [u64; 4] {
    let of = |register: c_int| context.uc_mcontext.gregs[register as usize] as u64;
    [of(libc::REG_RIP), of(libc::REG_RSP), of(libc::REG_RBP), 0]
}

#[cfg(target_arch = "aarch64")]
fn registers(context: &libc::ucontext_t) -> [u64; 4] {
    let context = &context.uc_mcontext;
    [context.pc, context.sp, context.regs[29], context.regs[30]]
}
