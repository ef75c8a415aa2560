//! What is known of a stopped thread: its registers, and the upper part of its stack.

/// The most that is copied of a stack, from the innermost call: 128 KiB.
pub(super) const WORDS_MAX: usize = 16 * 1024;

/// The registers that unwinding begins with.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Registers {
    /// The next instruction.
    pub(in super::super) instruction: u64,
    pub(in super::super) stack: u64,
    /// `None` if the thread was read from outside.
    pub(in super::super) frame: Option<u64>,
    /// The return address, on processors that keep it in a register.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(dead_code, reason = "kept on the stack")
    )]
    pub(in super::super) link: u64,
}

/// The state of a thread at one moment.
#[derive(Debug)]
pub(in super::super) struct Copied {
    pub(in super::super) registers: Registers,
    pub(super) words: Vec<u64>,
}

impl Copied {
    /// The word that was on the stack at this address.
    pub(in super::super) fn word(&self, address: u64) -> Option<u64> {
        let distance = address.checked_sub(first_word(self.registers.stack))?;
        let index = usize::try_from(distance / 8).ok()?;
        distance
            .is_multiple_of(8)
            .then(|| self.words.get(index).copied())?
    }
}

/// The stack pointer, aligned. Code in assembly may have pushed less than a word.
pub(super) fn first_word(stack_pointer: u64) -> u64 {
    stack_pointer.saturating_add(7) & !7
}
