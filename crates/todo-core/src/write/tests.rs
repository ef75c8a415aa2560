//! The rules of writing, checked on random histories without a database.

use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use crate::contract::{History, Model};
use crate::{
    ChangeTodo, Checklist, Command, CreateItem, DeleteTodo, Effect, Item, ItemDraft, ItemId,
    Loaded, Mode, Operation, Patch, Precondition, Refusal, Request, Title, Todo, TodoId, decide,
};

fn changed_at(effect: &Effect) -> Option<(&Todo, Timestamp)> {
    match effect {
        Effect::TodoChanged(todo) => Some((todo, todo.updated_at)),
        _ => None,
    }
}

proptest! {
    #[test]
    fn a_refusal_changes_nothing(seed: u64) {
        let (mut history, mut model) = (History::new(seed), Model::default());
        for _ in 0..60 {
            let (requests, _) = history.next_write();
            for request in requests {
                let before = model.clone();
                let result = model.write(vec![request], Mode::Each).remove(0);
                if result.is_err() {
                    prop_assert_eq!(&model, &before);
                }
            }
        }
    }

    #[test]
    fn an_atomic_write_is_carried_out_as_a_whole_or_not_at_all(seed: u64) {
        let (mut history, mut model) = (History::new(seed), Model::default());
        for _ in 0..60 {
            let (requests, _) = history.next_write();
            let before = model.clone();
            let results = model.write(requests, Mode::Atomic);
            let refused = results.iter().filter(|result| result.is_err()).count();
            prop_assert!(refused == 0 || refused == results.len());
            if refused > 0 {
                prop_assert_eq!(&model, &before);
                let alone = results.iter().filter(|one| **one != Err(Refusal::Together));
                prop_assert_eq!(alone.count(), 1);
            }
        }
    }

    #[test]
    fn each_item_stands_on_the_checklist_of_an_existing_todo(seed: u64) {
        let (mut history, mut model) = (History::new(seed), Model::default());
        for _ in 0..100 {
            let (requests, mode) = history.next_write();
            model.write(requests, mode);
            let todos = model.todos();
            let has_todo = |item: &Item| todos.iter().any(|todo| todo.id == item.todo_id);
            prop_assert!(model.items().all(has_todo));
        }
    }

    #[test]
    fn updated_at_never_goes_back_whatever_the_clock_does(seed: u64) {
        let (mut history, mut model) = (History::new(seed), Model::default());
        for _ in 0..60 {
            let (requests, mode) = history.next_write();
            let before = model.todos();
            let results = model.write(requests, mode);
            for (todo, updated_at) in results.iter().flatten().filter_map(changed_at) {
                let earlier = before.iter().find(|one| one.id == todo.id);
                let created = todo.created_at;
                let same = earlier.filter(|one| one.created_at == created);
                prop_assert!(same.is_none_or(|one| one.updated_at <= updated_at));
            }
        }
    }
}

/// A checklist of this many items.
fn checklist(count: u32) -> Loaded {
    Loaded {
        checklist: Some(Checklist {
            count,
            last_order: None,
        }),
        ..Loaded::default()
    }
}

fn create_item() -> CreateItem {
    CreateItem {
        id: ItemId(Uuid::from_u128(2)),
        todo_id: TodoId(Uuid::from_u128(1)),
        draft: ItemDraft {
            title: Title::restored("a step".to_owned()),
            completed: false,
            order: None,
        },
    }
}

#[test]
fn a_checklist_has_a_largest_size() {
    let (operation, now) = (create_item(), Timestamp::UNIX_EPOCH);
    let decide = |loaded| {
        let decided = operation.clone().decide(loaded, Precondition::None, now);
        decided.map(|_| ())
    };
    let full = Refusal::ChecklistFull(operation.todo_id);
    assert_eq!(decide(checklist(Item::PER_TODO_MAX)), Err(full));
    assert_eq!(decide(checklist(Item::PER_TODO_MAX - 1)), Ok(()));
    let missing = Refusal::TodoNotFound(operation.todo_id);
    assert_eq!(decide(Loaded::default()), Err(missing));
}

#[test]
fn a_missing_target_is_not_found_whatever_the_precondition() {
    let id = TodoId(Uuid::from_u128(1));
    let missing = Err(Refusal::TodoNotFound(id));
    for precondition in [
        Precondition::None,
        Precondition::Exists,
        Precondition::Absent,
        Precondition::Never,
    ] {
        for command in [
            DeleteTodo { id }.into(),
            Command::from(ChangeTodo {
                id,
                patch: Patch::default(),
            }),
        ] {
            let request = Request {
                command,
                precondition,
                now: Timestamp::UNIX_EPOCH,
            };
            assert_eq!(decide(request, Loaded::default()), missing);
        }
    }
}
