//! The stacks of real threads, blocked and busy.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::tests::{next, watchdog};
use super::{Report, enter, stack};
use crate::ledger::snapshot::Frame;

fn tid() -> i32 {
    nix::unistd::gettid().as_raw()
}

fn this_file(frame: &Frame, function: &str) -> bool {
    let file = frame.file.as_deref();
    frame.function.contains(function)
        && file.is_some_and(|file| file.ends_with("watchdog/stack_tests.rs"))
}

#[test]
fn the_stack_of_a_stall_names_the_line() {
    let (watchdog, what, said) = watchdog(Duration::from_millis(20));
    let inside = enter(Instant::now(), what);
    let Report::Stalled { stall, .. } = next(&said) else {
        panic!("it has not ended");
    };
    let line = line!() - 3;
    drop(inside);
    let here = |frame: &&Frame| this_file(frame, "the_stack_of_a_stall_names_the_line");
    let here = stall.stack.iter().find(here).expect("this function");
    assert_eq!(here.line, Some(line));
    assert_eq!(watchdog.stalls()[0].stack.len(), stall.stack.len());
}

#[test]
fn a_blocked_thread_is_found_where_it_waits() {
    let (say, said) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    let blocked = thread::spawn(move || {
        say.send(tid()).unwrap();
        let _ = ended.recv();
    });
    let stack = stack::capture(said.recv().unwrap());
    drop(end);
    blocked.join().unwrap();
    let frames = stack.unwrap().resolve();
    let here = |frame: &&Frame| this_file(frame, "a_blocked_thread_is_found_where_it_waits");
    let here = frames.iter().find(here).expect("a line of this file");
    assert!(!here.own, "the app is not in this crate");
    assert!(!here.function.contains("::h"), "no hash: {}", here.function);
}

/// What is hard to interrupt: the allocator, unwinding, the loader's lock.
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
fn threads_that_are_busy_are_looked_at_many_times_and_go_on() {
    let stop = AtomicBool::new(false);
    let busy = [const { AtomicI32::new(0) }; 2];
    let captured = thread::scope(|scope| {
        let threads = busy.each_ref().map(|busy| {
            scope.spawn(|| {
                let mut rounds = 0;
                while !stop.load(Ordering::Relaxed) {
                    black_box(do_everything(rounds));
                    rounds += 1;
                    busy.store(tid(), Ordering::Release);
                }
                rounds
            })
        });
        let tids = busy.each_ref().map(|busy| {
            loop {
                match busy.load(Ordering::Acquire) {
                    0 => thread::yield_now(),
                    tid => break tid,
                }
            }
        });
        let stacks = (0..200).filter_map(|round| stack::capture(tids[round % 2]));
        let captured = stacks.filter(|stack| !stack.is_empty()).count();
        stop.store(true, Ordering::Relaxed);
        for thread in threads {
            assert!(thread.join().unwrap() > 0);
        }
        captured
    });
    // A thread that gets no CPU for a while does not answer in time.
    assert!(captured >= 150, "{captured} of 200");
}

#[test]
fn a_thread_that_has_ended_has_no_stack() {
    let ended = thread::spawn(tid).join().unwrap();
    assert!(stack::capture(ended).is_none());
    assert!(stack::capture(-1).is_none());
}

/// `errno` is what the interrupted code will look at next.
#[test]
fn a_capture_leaves_errno_alone() {
    let (say, said) = mpsc::channel();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let busy = scope.spawn(|| {
            nix::errno::Errno::set_raw(77);
            say.send(tid()).unwrap();
            nix::errno::Errno::set_raw(77);
            while !stop.load(Ordering::Relaxed) {
                assert_eq!(nix::errno::Errno::last_raw(), 77);
            }
        });
        let tid = said.recv().unwrap();
        for _ in 0..20 {
            stack::capture(tid);
        }
        stop.store(true, Ordering::Relaxed);
        busy.join().unwrap();
    });
}
