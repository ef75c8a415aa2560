//! Where a function keeps its frame pointer, from the instructions that it begins with.
//!
//! The kernel does not tell the frame pointer of a thread in a system call. The tables of most
//! functions do not need it. For a function that addresses its frame through it, its distance from
//! the stack pointer stands in the function's prologue.

use super::system::{self, Module};

/// The longest prologue that is understood: nine pushes and a subtraction.
const PROLOGUE_MAX: usize = 40;

/// The frame pointer of the function at this address, whose stack pointer is known. `None` if the
/// function has no frame pointer, or changes the stack pointer in a way that is not understood.
pub(super) fn frame_pointer(modules: &[Module], address: u64, stack: u64) -> Option<u64> {
    let module = modules
        .iter()
        .find(|one| one.addresses.contains(&address))?;
    let start = function_start(module, address)?;
    let code = system::read(usize::try_from(start).ok()?, PROLOGUE_MAX);
    Some(stack + distance(&code)?)
}

/// How far the frame pointer is above the stack pointer after this prologue.
fn distance(code: &[u8]) -> Option<u64> {
    let code = code.strip_prefix(&[0xf3, 0x0f, 0x1e, 0xfa]).unwrap_or(code); // endbr64
    // push rbp; mov rbp, rsp (in either encoding)
    let code = code.strip_prefix(&[0x55])?;
    let moved = code.strip_prefix(&[0x48, 0x89, 0xe5]);
    let mut code = moved.or_else(|| code.strip_prefix(&[0x48, 0x8b, 0xec]))?;
    let mut pushed = 0;
    loop {
        code = match code {
            [0x50..=0x57, rest @ ..] | [0x41, 0x50..=0x57, rest @ ..] => {
                pushed += 8;
                rest
            }
            [0x48, 0x83, 0xec, bytes, ..] => return Some(pushed + u64::from(*bytes)), /* sub rsp, 8 bits */
            [0x48, 0x81, 0xec, bytes @ ..] => {
                let bytes = u32::from_le_bytes(*bytes.first_chunk()?); // sub rsp, 32 bits
                return Some(pushed + u64::from(bytes));
            }
            // and rsp: the distance depends on the caller's stack.
            [0x48, 0x83, 0xe4, ..] => return None,
            _ => return Some(pushed),
        };
    }
}

/// Where the function begins, by the table for binary search in `.eh_frame_hdr` (Linux Standard
/// Base, 10.6.2).
fn function_start(module: &Module, address: u64) -> Option<u64> {
    let (base, index) = &module.index;
    // The encodings that all linkers use: a count of four bytes, and pairs of signed distances of
    // four bytes from the beginning of the section.
    let [_version, _, 0x03, 0x3b, _, _, _, _, rest @ ..] = index.as_slice() else {
        return None;
    };
    let (count, table) = rest.split_first_chunk()?;
    let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
    let entries: &[[u8; 8]] = table.as_chunks().0;
    let entries = entries.get(..count)?;
    let start = |entry: &[u8; 8]| {
        let [a, b, c, d, ..] = *entry;
        base.checked_add_signed(i32::from_le_bytes([a, b, c, d]).into())
    };
    let after = entries.partition_point(|entry| start(entry) <= Some(address));
    start(entries.get(after.checked_sub(1)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_is_what_was_pushed_and_subtracted() {
        let check = |code: &[u8], expected| assert_eq!(distance(code), expected, "{code:x?}");
        // push rbp; mov rbp, rsp; push r15; push rbx; sub rsp, 0x18
        check(
            &[
                0x55, 0x48, 0x89, 0xe5, 0x41, 0x57, 0x53, 0x48, 0x83, 0xec, 0x18,
            ],
            Some(0x28),
        );
        // push rbp; mov rbp, rsp; sub rsp, 0x1000
        check(
            &[
                0x55, 0x48, 0x89, 0xe5, 0x48, 0x81, 0xec, 0x00, 0x10, 0x00, 0x00,
            ],
            Some(0x1000),
        );
        // endbr64; push rbp; mov rbp, rsp; call
        check(
            &[0xf3, 0x0f, 0x1e, 0xfa, 0x55, 0x48, 0x89, 0xe5, 0xe8],
            Some(0),
        );
        // sub rsp, 8
        check(&[0x48, 0x83, 0xec, 0x08], None);
        // push rbp; mov rbp, rsp; and rsp, -64
        check(&[0x55, 0x48, 0x89, 0xe5, 0x48, 0x83, 0xe4, 0xc0], None);
        check(&[], None);
    }
}
