//! The calls on a copied stack.

use framehop::{
    CacheNative, ExplicitModuleSectionInfo, MayAllocateDuringUnwind, Module, UnwindRegsNative,
    Unwinder, UnwinderNative,
};

use super::system::{self, Copied, Registers};

/// The most calls, from the innermost.
const CALLS_MAX: usize = 256;

/// The addresses of the calls, the innermost first.
///
/// It reads nothing but the copy and the tables of the modules. A wrong table can only end the list
/// early.
pub(super) fn unwind(copied: &Copied) -> Vec<usize> {
    let mut unwinder = UnwinderNative::<Vec<u8>, MayAllocateDuringUnwind>::new();
    for module in system::modules() {
        unwinder.add_module(describe(module));
    }
    let mut cache = CacheNative::<MayAllocateDuringUnwind>::new();
    let mut read = |address| copied.word(address).ok_or(());
    let registers = copied.registers;
    let mut frames = unwinder.iter_frames(
        registers.instruction,
        framehop_registers(registers),
        &mut cache,
        &mut read,
    );
    let mut addresses = Vec::new();
    while let Ok(Some(frame)) = frames.next() {
        let address = usize::try_from(frame.address_for_lookup());
        addresses.extend(address.ok());
        if addresses.len() >= CALLS_MAX {
            break;
        }
    }
    addresses
}

/// The module as framehop wants it. Its addresses are those in memory, so none has to be moved.
fn describe(module: system::Module) -> Module<Vec<u8>> {
    let base = module.addresses.start;
    let (table_at, table) = module.table;
    let (index_at, index) = module.index;
    let sections = ExplicitModuleSectionInfo {
        base_svma: base,
        eh_frame_svma: Some(table_at..table_at + table.len() as u64),
        eh_frame: Some(table),
        eh_frame_hdr_svma: Some(index_at..index_at + index.len() as u64),
        eh_frame_hdr: Some(index),
        ..ExplicitModuleSectionInfo::default()
    };
    Module::new(String::new(), module.addresses, base, sections)
}

#[cfg(target_arch = "x86_64")]
fn framehop_registers(registers: Registers) -> UnwindRegsNative {
    UnwindRegsNative::new(registers.instruction, registers.stack, registers.frame)
}

#[cfg(target_arch = "aarch64")]
fn framehop_registers(registers: Registers) -> UnwindRegsNative {
    UnwindRegsNative::new(registers.link, registers.stack, registers.frame)
}
