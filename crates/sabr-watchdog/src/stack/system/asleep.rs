//! The registers and the stack of a thread that sits in a system call, read from outside.
//!
//! Why not always by a signal: a signal ends some system calls with `EINTR` even with `SA_RESTART`,
//! such as a `read` with `SO_RCVTIMEO`, `poll` and `accept` (signal(7)). A program must not behave
//! differently because it is watched.

use std::fs;
use std::io::IoSliceMut;
use std::ops::Range;

use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;

use super::copied::{Copied, Registers, WORDS_MAX, first_word};

/// The state of the thread `tid` of this process, whose stack has these addresses. `None` if it is
/// in no system call, or was on a CPU meanwhile.
pub(super) fn capture(tid: i32, stack: &Range<usize>) -> Option<Copied> {
    let before = times_on_a_cpu(tid)?;
    let registers = registers(tid)?;
    let words = words(registers.stack, stack);
    // Then it has not run in between, and all of this belongs together.
    (times_on_a_cpu(tid)? == before).then_some(Copied { registers, words })
}

/// How often the thread was put on a CPU: the third number of its `schedstat`.
fn times_on_a_cpu(tid: i32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/self/task/{tid}/schedstat")).ok()?;
    text.split_ascii_whitespace().nth(2)?.parse().ok()
}

/// What the kernel tells of a thread in a system call: its number, six arguments, the stack pointer
/// and the next instruction. A thread that can run is `running`, and one that waits for a page of
/// memory has the number -1.
fn registers(tid: i32) -> Option<Registers> {
    let text = fs::read_to_string(format!("/proc/self/task/{tid}/syscall")).ok()?;
    let mut fields = text.split_ascii_whitespace();
    let _number: u64 = fields.next()?.parse().ok()?;
    let address = |field: &str| u64::from_str_radix(field.strip_prefix("0x")?, 16).ok();
    let stack = address(fields.nth(6)?)?;
    let instruction = address(fields.next()?)?;
    Some(Registers {
        instruction,
        stack,
        frame: None,
        link: 0,
    })
}

/// What is on the stack, from the stack pointer. Nothing, if the thread runs on another stack.
fn words(stack_pointer: u64, stack: &Range<usize>) -> Vec<u64> {
    let Ok(start) = usize::try_from(first_word(stack_pointer)) else {
        return Vec::new();
    };
    if !stack.contains(&start) {
        return Vec::new();
    }
    let length = WORDS_MAX.min((stack.end - start) / size_of::<u64>());
    let bytes = read(start, length * size_of::<u64>());
    let words = bytes.as_chunks().0.iter();
    words.map(|word| u64::from_ne_bytes(*word)).collect()
}

/// So many bytes of this process' memory. Fewer or none, if the memory is not there.
pub(in super::super) fn read(start: usize, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let memory = RemoteIoVec {
        base: start,
        len: length,
    };
    let read = process_vm_readv(Pid::this(), &mut [IoSliceMut::new(&mut bytes)], &[memory]);
    bytes.truncate(read.unwrap_or(0));
    bytes
}
