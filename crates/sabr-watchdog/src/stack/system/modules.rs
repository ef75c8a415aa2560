//! The program and its shared libraries, as they are in memory.

use std::ffi::{c_int, c_void};
use std::ops::Range;
use std::slice;

/// How `.eh_frame_hdr` encodes the address of `.eh_frame`. All linkers write a signed distance of
/// four bytes (`DW_EH_PE_pcrel | DW_EH_PE_sdata4`; Linux Standard Base, 10.6.2).
const RELATIVE: u8 = 0x1b;

/// The program, or one shared library.
#[derive(Debug)]
pub(in super::super) struct Module {
    pub(in super::super) addresses: Range<u64>,
    /// The address of `.eh_frame`, and a copy of it.
    pub(in super::super) table: (u64, Vec<u8>),
    /// The address of `.eh_frame_hdr`, and a copy of it.
    pub(in super::super) index: (u64, Vec<u8>),
}

/// All modules that have unwind tables.
pub(in super::super) fn modules() -> Vec<Module> {
    let mut modules: Vec<Module> = Vec::new();
    // SAFETY: the callback gets the pointer that is given here, and no longer than this call.
    unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut modules).cast()) };
    modules
}

unsafe extern "C" fn visit(
    info: *mut libc::dl_phdr_info,
    _size: libc::size_t,
    modules: *mut c_void,
) -> c_int {
    // SAFETY: the loader gives a valid module, which stays while the callback runs, because it
    // holds its lock.
    let info = unsafe { &*info };
    // SAFETY: `modules` gives it, and borrows it to nobody else.
    let modules = unsafe { &mut *modules.cast::<Vec<Module>>() };
    modules.extend(read(info));
    0
}

fn read(info: &libc::dl_phdr_info) -> Option<Module> {
    if info.dlpi_phdr.is_null() {
        return None;
    }
    // SAFETY: the loader says how many headers there are.
    let headers = unsafe { slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into()) };
    let loaded: Vec<_> = headers
        .iter()
        .filter(|header| header.p_type == libc::PT_LOAD)
        .map(|header| {
            let start = info.dlpi_addr + header.p_vaddr;
            // Memory beyond the file is zeros.
            start..start + header.p_filesz.min(header.p_memsz)
        })
        .collect();
    let index = headers
        .iter()
        .find(|header| header.p_type == libc::PT_GNU_EH_FRAME)?;
    let index_at = info.dlpi_addr + index.p_vaddr;
    let index = copy(&loaded, index_at, Some(index.p_memsz))?;

    let [_version, RELATIVE, _, _, distance @ ..] = &*index else {
        return None;
    };
    let distance = i32::from_le_bytes(*distance.first_chunk()?);
    let table_at = (index_at + 4).checked_add_signed(distance.into())?;
    let table = copy(&loaded, table_at, None)?;
    let first = loaded.iter().map(|range| range.start).min()?;
    let last = loaded.iter().map(|range| range.end).max()?;
    Some(Module {
        addresses: first..last,
        table: (table_at, table),
        index: (index_at, index),
    })
}

/// `length` bytes at `at`, or all bytes up to the end of the segment.
fn copy(loaded: &[Range<u64>], at: u64, length: Option<u64>) -> Option<Vec<u8>> {
    let range = loaded.iter().find(|range| range.contains(&at))?;
    let room = range.end - at;
    let length = usize::try_from(length.unwrap_or(room).min(room)).ok()?;
    let at = std::ptr::with_exposed_provenance(usize::try_from(at).ok()?);
    // SAFETY: it is inside of a segment that the loader has mapped and keeps while its lock is
    // held. The tables for unwinding are in one that is only read.
    Some(unsafe { slice::from_raw_parts::<u8>(at, length) }.to_vec())
}
