//! The stacks of real threads, blocked and busy.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::ops::Range;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::tests::{next, watchdog};
use crate::{Frame, Report, enter, now_ns, stack};

/// This thread: its id and the addresses of its stack.
fn me() -> (i32, Range<usize>) {
    (nix::unistd::gettid().as_raw(), stack::of_this_thread())
}

fn capture((tid, stack): &(i32, Range<usize>)) -> Option<stack::Stack> {
    stack::capture(*tid, stack)
}

/// Whether one of the calls is at this line of this file. In a program that was optimised the call
/// may have no name of its own.
fn names_line(stack: &[Frame], line: u32) -> bool {
    let here = |frame: &Frame| {
        let file = frame.file.as_deref();
        let file = file.is_some_and(|file| file.ends_with("src/stack_tests.rs"));
        file && frame.line == Some(line)
    };
    stack.iter().any(here)
}

#[test]
fn the_stack_of_a_stall_names_the_line() {
    let (watchdog, id, reports) = watchdog(Duration::from_millis(20));
    let inside = enter(now_ns(), id);
    let report = next(&reports);
    let line = line!() - 1;
    drop(inside);
    let Report::Stalled { stall, .. } = report else {
        panic!("it had not ended");
    };
    assert!(names_line(&stall.stack, line), "{stall:#?}");
    assert_eq!(watchdog.stalls()[0].stack.len(), stall.stack.len());
    // No code of this crate is code of the app, and no name ends with a hash.
    let bad = |frame: &Frame| frame.own || frame.function.contains("::h0");
    assert!(!stall.stack.iter().any(bad), "{stall:#?}");
}

/// Code that is hard to interrupt: the allocator, unwinding, the loader's lock.
fn do_everything(round: u64) -> u64 {
    let map: BTreeMap<_, _> = (0..100).map(|n| (n ^ round, vec![round; 50])).collect();
    let caught = catch_unwind(|| std::panic::resume_unwind(Box::new(round)));
    let payload = caught.expect_err("it panicked").downcast::<u64>();
    let name = thread::current().name().map(ToOwned::to_owned);
    map.values().flatten().sum::<u64>()
        + payload.map_or(0, |n| *n)
        + black_box(name).map_or(0, |n| n.len() as u64)
}

#[test]
fn busy_threads_are_captured_many_times_and_go_on() {
    let stop = AtomicBool::new(false);
    let (say, said) = mpsc::channel();
    let deep = thread::scope(|scope| {
        let threads = [say.clone(), say].map(|say| {
            scope.spawn(|| {
                let say = say;
                say.send(me()).unwrap();
                let mut rounds = 0;
                while !stop.load(Ordering::Relaxed) {
                    black_box(do_everything(rounds));
                    rounds += 1;
                }
                rounds
            })
        });
        let busy = [said.recv().unwrap(), said.recv().unwrap()];
        let stacks = (0..400).filter_map(|round| capture(&busy[round % 2]));
        let deep = stacks.filter(|stack| stack.addresses().len() > 3).count();
        stop.store(true, Ordering::Relaxed);
        for thread in threads {
            assert!(thread.join().unwrap() > 0);
        }
        deep
    });
    // A thread without a CPU does not answer in time, and not every instruction can be unwound
    // from.
    assert!(deep >= 300, "{deep} of 400");
}

#[test]
fn a_thread_that_has_ended_has_no_stack() {
    let ended = thread::spawn(me).join().unwrap();
    assert!(capture(&ended).is_none());
    assert!(capture(&(-1, 0..0)).is_none());
}

/// Some code brings a stack of its own. Nothing is read there.
#[test]
fn a_stack_that_is_elsewhere_is_not_read() {
    let (say, said) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    let blocked = thread::spawn(move || {
        say.send(me()).unwrap();
        let _ = ended.recv();
    });
    let (tid, _) = said.recv().unwrap();
    let stack = stack::capture(tid, &(8..64)).unwrap();
    assert!(stack.addresses().len() <= 1);
    drop(end);
    blocked.join().unwrap();
}

/// The interrupted code may be about to read `errno`.
#[test]
fn a_capture_leaves_errno_alone() {
    let (say, said) = mpsc::channel();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let busy = scope.spawn(|| {
            nix::errno::Errno::set_raw(77);
            say.send(me()).unwrap();
            nix::errno::Errno::set_raw(77);
            while !stop.load(Ordering::Relaxed) {
                assert_eq!(nix::errno::Errno::last_raw(), 77);
            }
        });
        let thread = said.recv().unwrap();
        for _ in 0..20 {
            capture(&thread);
        }
        stop.store(true, Ordering::Relaxed);
        busy.join().unwrap();
    });
}
