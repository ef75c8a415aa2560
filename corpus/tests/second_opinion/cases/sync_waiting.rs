//! Plain functions, wrapped in `sync`, that wait in their thread.

use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use axum::routing::get;
use sabr::ledger::VerdictKind;
use sabr::sync;

use super::blocking_io::{ask_tcp, expected_of_disk, folder_on_disk, write_synced};
use super::blocking_processes::sleep_in_process;
use super::ms;
use crate::case::{Case, Expected, SYNC_FITS, WAITS_IN_THREAD, handler};
use crate::work;

pub(super) fn cases() -> Vec<Case> {
    const QUICK_DISK: Expected = &[VerdictKind::WaitsInThread, VerdictKind::SyncFits];
    vec![
        handler(
            "sleep_fn",
            WAITS_IN_THREAD,
            "holds a thread to wait",
            || get(sync(|| thread::sleep(ms(5)))),
        ),
        handler(
            "sleep_fn_crowded",
            WAITS_IN_THREAD,
            "holds many threads to wait",
            || get(sync(|| thread::sleep(ms(20)))),
        )
        .at_once(32),
        handler(
            "tcp_upstream_fn",
            WAITS_IN_THREAD,
            "waits for a peer in a thread",
            || get(sync(|| ask_tcp().is_ok().to_string())),
        ),
        handler(
            "recv_fn",
            WAITS_IN_THREAD,
            "waits for a message in a thread",
            || {
                get(sync(|| {
                    let (_tell, told) = mpsc::channel::<u32>();
                    told.recv_timeout(ms(5)).is_err().to_string()
                }))
            },
        ),
        handler(
            "process_fn",
            WAITS_IN_THREAD,
            "waits for a process in a thread",
            || get(sync(|| sleep_in_process().is_ok().to_string())),
        ),
        handler(
            "lock_fn",
            WAITS_IN_THREAD,
            "waits for a lock in a thread",
            || {
                let lock = Arc::new(Mutex::new(()));
                get(sync(move || {
                    let _held = lock.lock().expect("nobody panics with it");
                    thread::sleep(ms(2));
                }))
            },
        )
        .at_once(8),
        handler(
            "file_synced_fn",
            expected_of_disk(write_synced, WAITS_IN_THREAD, QUICK_DISK),
            "waits for the disk in a thread",
            || {
                let folder = Arc::new(folder_on_disk());
                get(sync(move || {
                    write_synced(folder.path()).is_ok().to_string()
                }))
            },
        ),
        handler(
            "waits_then_computes_fn",
            WAITS_IN_THREAD,
            "waits more than it computes",
            || {
                get(sync(|| {
                    thread::sleep(ms(9));
                    work::burn(2000).to_string()
                }))
            },
        ),
        handler(
            "computes_then_waits_fn",
            SYNC_FITS,
            "computes more than it waits",
            || {
                get(sync(|| {
                    thread::sleep(ms(2));
                    work::burn(9000).to_string()
                }))
            },
        ),
    ]
}
