//! The stack of another thread, from the operating system. All unsafe code of this crate is here.
//!
//! A thread that sits in a system call is read from outside. Any other stalled thread is
//! interrupted by a signal. Its handler copies the registers and the upper part of the stack. It
//! does nothing else: it reads the thread's own memory, writes atomics and asks
//! for the thread id.
//!
//! Why it does not unwind: the platform's unwinder trusts the unwind tables of the interrupted
//! code. The tables of code in assembly are often wrong, and the unwinder then ends the process.
//! The copy is unwound on the reporter's thread, where a wrong table only ends the list of calls.

#![allow(
    unsafe_code,
    reason = "std has no signals, no bounds of a stack and no list of loaded modules"
)]

#[cfg(target_arch = "x86_64")]
mod asleep;
mod copied;
mod handshake;
mod modules;
mod signal;

#[cfg(target_arch = "x86_64")]
pub(super) use self::asleep::read;
pub(super) use self::copied::{Copied, Registers};
pub(super) use self::modules::{Module, modules};
pub(super) use self::signal::install;

use std::ops::Range;
use std::ptr::null_mut;

/// The state of a thread that is in a system call. The thread does not notice.
#[cfg(target_arch = "x86_64")]
pub(super) fn capture_asleep(tid: i32, stack: &Range<usize>) -> Option<Copied> {
    asleep::capture(tid, stack)
}

/// Why only x86-64: on AArch64 the link register is needed, and the kernel does not tell it.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn capture_asleep(_: i32, _: &Range<usize>) -> Option<Copied> {
    None
}

/// The state of a thread that copies it itself, in a signal handler.
pub(super) fn capture_by_signal(tid: i32, stack: &Range<usize>) -> Option<Copied> {
    signal::capture(tid, stack)
}

/// The addresses of the stack of this thread; empty if they are not known.
pub(super) fn stack_of_this_thread() -> Range<usize> {
    // SAFETY: all-zero bytes are a `pthread_attr_t`: numbers and null pointers.
    let mut attributes: libc::pthread_attr_t = unsafe { std::mem::zeroed() };
    // SAFETY: the thread is this one, so it lives, and there is room for its attributes.
    if unsafe { libc::pthread_getattr_np(libc::pthread_self(), &raw mut attributes) } != 0 {
        return 0..0;
    }
    let (mut start, mut size) = (null_mut(), 0);
    // SAFETY: the attributes have been filled in.
    let found = unsafe { libc::pthread_attr_getstack(&attributes, &mut start, &mut size) } == 0;
    // SAFETY: as above, and they are not used any more.
    unsafe { libc::pthread_attr_destroy(&raw mut attributes) };
    if found {
        start.addr()..start.addr().saturating_add(size)
    } else {
        0..0
    }
}
