//! What only the operating system can tell of another thread: all of this library that is unsafe.
//!
//! A stalled thread is interrupted by a signal, in the middle of whatever it does, and copies its registers
//! and the upper part of its stack. That is all that is done there: it reads memory that is its own, writes atomics,
//! and asks for its thread id. In particular it does not unwind. The unwinder of the platform trusts what it is
//! told about the code that was interrupted, and code in assembly, an unwinder among it, tells wrong things: then it
//! ends the process. Who called whom is found out elsewhere, from the copy, where a wrong address is
//! only the end of the stack.

#![allow(
    unsafe_code,
    reason = "signals, the stack of a thread and the modules of the process; std has none of them"
)]

mod modules;
mod signal;

pub(super) use self::modules::{Module, modules};
pub(super) use self::signal::{Copied, Registers, capture, install};

use std::ops::Range;
use std::ptr::null_mut;

/// Where the stack of this thread is; nothing if that can't be had.
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
