//! The calls on a copied stack.

use framehop::{
    CacheNative, ExplicitModuleSectionInfo, FrameAddress, MayAllocateDuringUnwind, Module,
    UnwindRegsNative, Unwinder, UnwinderNative,
};

#[cfg(target_arch = "x86_64")]
use super::prologue;
use super::system::{self, Copied, Registers};

/// The most calls, from the innermost.
const CALLS_MAX: usize = 256;

/// The calls on a stack.
#[derive(Debug)]
pub(super) struct Calls {
    /// The innermost first.
    pub(super) addresses: Vec<usize>,
    /// Whether the outermost one is among them.
    pub(super) complete: bool,
}

/// The calls on a copied stack.
///
/// It reads nothing but the copy, the tables of the modules and the first instructions of
/// functions. A wrong table can only end the list early.
pub(super) fn unwind(copied: &Copied) -> Calls {
    let modules = system::modules();
    let mut unwinder = UnwinderNative::<Vec<u8>, MayAllocateDuringUnwind>::new();
    for module in &modules {
        unwinder.add_module(describe(module));
    }
    let mut cache = CacheNative::<MayAllocateDuringUnwind>::new();
    let mut read = |address| copied.word(address).ok_or(());
    let mut registers = framehop_registers(copied.registers);
    let mut call = FrameAddress::from_instruction_pointer(copied.registers.instruction);
    let mut addresses = Vec::new();
    while addresses.len() < CALLS_MAX {
        let address = call.address_for_lookup();
        addresses.extend(usize::try_from(address));
        let before = registers;
        let mut unwound = unwinder.unwind_frame(call, &mut registers, &mut cache, &mut read);
        if !matches!(unwound, Ok(Some(_))) {
            registers = before;
            if !find_frame_pointer(&modules, address, &mut registers) {
                let complete = matches!(unwound, Ok(None));
                return Calls {
                    addresses,
                    complete,
                };
            }
            unwound = unwinder.unwind_frame(call, &mut registers, &mut cache, &mut read);
        }
        let Some(caller) = unwound.ok().flatten() else {
            break;
        };
        let Some(caller) = FrameAddress::from_return_address(caller) else {
            break;
        };
        call = caller;
    }
    Calls {
        addresses,
        complete: false,
    }
}

/// Finds out the frame pointer of the function at this address, if it is not known. Returns whether
/// it has.
#[cfg(target_arch = "x86_64")]
fn find_frame_pointer(
    modules: &[system::Module],
    address: u64,
    registers: &mut UnwindRegsNative,
) -> bool {
    if registers.bp() != 0 {
        return false;
    }
    let found = prologue::frame_pointer(modules, address, registers.sp());
    found.map(|pointer| registers.set_bp(pointer)).is_some()
}

#[cfg(target_arch = "aarch64")]
fn find_frame_pointer(_: &[system::Module], _: u64, _: &mut UnwindRegsNative) -> bool {
    false
}

/// The module as framehop wants it. Its addresses are those in memory, so none has to be moved.
fn describe(module: &system::Module) -> Module<Vec<u8>> {
    let base = module.addresses.start;
    let (table_at, table) = module.table.clone();
    let (index_at, index) = module.index.clone();
    let sections = ExplicitModuleSectionInfo {
        base_svma: base,
        eh_frame_svma: Some(table_at..table_at + table.len() as u64),
        eh_frame: Some(table),
        eh_frame_hdr_svma: Some(index_at..index_at + index.len() as u64),
        eh_frame_hdr: Some(index),
        ..ExplicitModuleSectionInfo::default()
    };
    Module::new(String::new(), module.addresses.clone(), base, sections)
}

#[cfg(target_arch = "x86_64")]
fn framehop_registers(registers: Registers) -> UnwindRegsNative {
    UnwindRegsNative::new(
        registers.instruction,
        registers.stack,
        registers.frame.unwrap_or(0),
    )
}

#[cfg(target_arch = "aarch64")]
fn framehop_registers(registers: Registers) -> UnwindRegsNative {
    UnwindRegsNative::new(
        registers.link,
        registers.stack,
        registers.frame.unwrap_or(0),
    )
}
