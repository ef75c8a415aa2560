use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    ChangeItem, ChangeTodo, ClearTodos, Command, CreateItem, CreateTodo, DeleteItem, DeleteTodo,
    Draft, ItemDraft, ItemId, ItemPatch, Mode, Notes, Order, Patch, Precondition, ReplaceItem,
    ReplaceTodo, Request, Title, TodoId,
};

/// The requests of one call of [`Store::write`](crate::Store::write).
pub type Write = (Vec<Request>, Mode);

/// The number of ids of each kind. It is small, so that requests often have the same target.
const IDS: u64 = 6;

/// A pseudo-random sequence of writes, determined by a seed.
#[derive(Clone, Debug)]
pub struct History {
    state: u64,
    now_ms: i64,
}

impl History {
    /// The history of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed,
            now_ms: 1_000,
        }
    }

    /// The next write: one request or a few.
    pub fn next_write(&mut self) -> Write {
        let mode = match self.below(3) {
            0 => Mode::Atomic,
            _ => Mode::Each,
        };
        let count = 1 + self.below(4);
        ((0..count).map(|_| self.request()).collect(), mode)
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    fn below(&mut self, end: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn request(&mut self) -> Request {
        // Each step is from -2 to 7 ms, so the clock sometimes goes back.
        self.now_ms += i64::try_from(self.below(10)).unwrap_or(0) - 2;
        let precondition = match self.below(8) {
            0 => Precondition::Exists,
            1 => Precondition::Absent,
            2 => Precondition::Never,
            _ => Precondition::None,
        };
        Request {
            command: self.command(),
            precondition,
            now: Timestamp::from_millisecond(self.now_ms).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    fn command(&mut self) -> Command {
        let id = TodoId(Uuid::from_u128(1 + u128::from(self.below(IDS))));
        let item = ItemId(Uuid::from_u128(100 + u128::from(self.below(IDS))));
        match self.below(16) {
            0..4 => CreateTodo {
                id,
                draft: self.draft(),
            }
            .into(),
            4..6 => ChangeTodo {
                id,
                patch: self.patch(),
            }
            .into(),
            6..8 => ReplaceTodo {
                id,
                draft: self.draft(),
            }
            .into(),
            8 => DeleteTodo { id }.into(),
            9 if self.below(8) == 0 => ClearTodos {
                completed: self.option(Self::flip),
            }
            .into(),
            9..12 => CreateItem {
                id: item,
                todo_id: id,
                draft: self.item_draft(),
            }
            .into(),
            12 => ChangeItem {
                id: item,
                patch: self.item_patch(),
            }
            .into(),
            13..15 => ReplaceItem {
                id: item,
                todo_id: id,
                draft: self.item_draft(),
            }
            .into(),
            _ => DeleteItem { id: item }.into(),
        }
    }

    fn flip(&mut self) -> bool {
        self.below(2) == 0
    }

    fn option<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        match self.flip() {
            true => Some(make(self)),
            false => None,
        }
    }

    fn title(&mut self) -> Title {
        Title::restored(format!("title {}", self.below(5)))
    }

    fn notes(&mut self) -> Notes {
        Notes::restored(format!("notes {}", self.below(5)))
    }

    fn order(&mut self) -> Order {
        Order::new(self.below(7) as f64 / 2.0).unwrap_or(Order::FIRST)
    }

    fn draft(&mut self) -> Draft {
        Draft {
            title: self.title(),
            notes: self.option(Self::notes),
            completed: self.flip(),
            order: self.option(Self::order),
        }
    }

    fn patch(&mut self) -> Patch {
        Patch {
            title: self.option(Self::title),
            notes: self.option(|random| random.option(Self::notes)),
            completed: self.option(Self::flip),
            order: self.option(Self::order),
        }
    }

    fn item_draft(&mut self) -> ItemDraft {
        ItemDraft {
            title: self.title(),
            completed: self.flip(),
            order: self.option(Self::order),
        }
    }

    fn item_patch(&mut self) -> ItemPatch {
        ItemPatch {
            title: self.option(Self::title),
            completed: self.option(Self::flip),
            order: self.option(Self::order),
        }
    }
}

/// The creation of a todo, and then the deletion of a todo that does not exist.
pub(super) fn refused_after_a_creation() -> Vec<Request> {
    let mut history = History::new(1);
    let create = CreateTodo {
        id: TodoId(Uuid::from_u128(1)),
        draft: history.draft(),
    };
    let delete = DeleteTodo {
        id: TodoId(Uuid::from_u128(2)),
    };
    [create.into(), delete.into()]
        .map(|command| Request {
            command,
            precondition: Precondition::None,
            now: Timestamp::UNIX_EPOCH,
        })
        .into()
}
