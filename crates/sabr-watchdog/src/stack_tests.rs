//! The stacks of real threads, blocked and busy.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

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

fn interrupt((tid, stack): &(i32, Range<usize>)) -> Option<stack::Stack> {
    stack::interrupt(*tid, stack)
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
        let stacks = (0..400).filter_map(|round| interrupt(&busy[round % 2]));
        let deep = stacks.filter(|stack| stack.addresses().0.len() > 3).count();
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
    for capture in [stack::capture, stack::interrupt] {
        let stack = capture(tid, &(8..64)).unwrap();
        assert!(stack.addresses().0.len() <= 1);
    }
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
            interrupt(&thread);
        }
        stop.store(true, Ordering::Relaxed);
        busy.join().unwrap();
    });
}

/// A thread that waits in a system call, in every way that a program may. Reading it from outside
/// finds every call, so it is never interrupted.
#[cfg(target_arch = "x86_64")]
mod asleep {
    use std::fs;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::process::{Command, Stdio};
    use std::sync::{Arc, Condvar, Mutex};

    use super::*;

    /// Waits until the thread sleeps, and reads it.
    fn read(thread: &(i32, Range<usize>)) -> stack::Stack {
        let state = || {
            let stat = fs::read_to_string(format!("/proc/self/task/{}/stat", thread.0)).unwrap();
            stat.rsplit_once(") ").unwrap().1.starts_with('S')
        };
        loop {
            if state()
                && let Some(stack) = capture(thread)
                && stack.was_read_from_outside()
            {
                return stack;
            }
            thread::yield_now();
        }
    }

    /// Checks the calls of a thread that is in `wait`, which `wake` ends.
    fn check(name: &str, wait: impl FnOnce() + Send + 'static, wake: impl FnOnce()) {
        let (say, said) = mpsc::channel();
        let waiting = thread::spawn(move || {
            say.send(me()).unwrap();
            waits_here(wait);
        });
        let stack = read(&said.recv().unwrap());
        let resolved = stack.resolve(&[]);
        wake();
        waiting.join().unwrap();
        assert!(resolved.complete, "{name}: {:#?}", resolved.frames);
        let is_there = resolved
            .frames
            .iter()
            .any(|frame| frame.function.contains("waits_here"));
        assert!(is_there, "{name}: {:#?}", resolved.frames);
    }

    #[inline(never)]
    fn waits_here(wait: impl FnOnce()) {
        wait();
        black_box(());
    }

    #[test]
    fn every_way_to_wait_is_read_from_outside() {
        let park = || {
            let (say, said) = mpsc::channel::<thread::Thread>();
            let park = move || {
                say.send(thread::current()).unwrap();
                thread::park();
            };
            (park, move || said.recv().unwrap().unpark())
        };
        let (wait, wake) = park();
        check("park", wait, wake);

        let (sender, receiver) = mpsc::channel::<()>();
        check(
            "channel",
            move || assert!(receiver.recv().is_err()),
            || drop(sender),
        );

        let lock = Arc::new(Mutex::new(()));
        let (ours, theirs) = (Arc::clone(&lock), Arc::clone(&lock));
        let held = ours.lock().unwrap();
        check("mutex", move || drop(theirs.lock().unwrap()), || drop(held));

        let pair = Arc::new((Mutex::new(false), Condvar::new()));
        let theirs = Arc::clone(&pair);
        let wait = move || {
            let ended = theirs.0.lock().unwrap();
            drop(theirs.1.wait_while(ended, |ended| !*ended).unwrap());
        };
        let wake = || {
            *pair.0.lock().unwrap() = true;
            pair.1.notify_all();
        };
        check("condvar", wait, wake);

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let accept = move || drop(listener.accept().unwrap());
        check("accept", accept, || {
            drop(TcpStream::connect(address).unwrap())
        });

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        server
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let read = move || assert_eq!(server.read(&mut [0; 4]).unwrap(), 4);
        check("read with a timeout", read, || {
            client.write_all(b"data").unwrap()
        });

        let child = Command::new("cat").stdin(Stdio::piped()).spawn();
        let mut child = child.unwrap();
        let stdin = child.stdin.take();
        let wait = move || assert!(child.wait().unwrap().success());
        check("child", wait, || drop(stdin));

        check("sleep", || thread::sleep(Duration::from_millis(50)), || ());
    }

    /// With a signal this read would fail: a socket with a timeout is not restarted (signal(7)).
    #[test]
    fn a_stalled_read_with_a_timeout_is_not_disturbed() {
        let (watchdog, id, reports) = watchdog(Duration::from_millis(10));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        server
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let line = line!() + 3;
        let reader = thread::spawn(move || {
            let inside = enter(now_ns(), id);
            let read = server.read(&mut [0; 4]);
            drop(inside);
            read
        });
        let Report::Stalled { stall, .. } = next(&reports) else {
            panic!("it had not ended");
        };
        client.write_all(b"data").unwrap();
        assert_eq!(reader.join().unwrap().unwrap(), 4);
        assert!(names_line(&stall.stack, line), "{stall:#?}");
        drop(watchdog);
    }
}
