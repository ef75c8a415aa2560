use std::collections::BTreeMap;

use crate::{
    Checklist, Effect, Event, Item, ItemId, Loaded, Loads, Mode, Refusal, Request, Todo, TodoId,
    decide,
};

/// A store in memory. It loads and applies as a store does, and takes its rules from [`decide`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    todos: BTreeMap<TodoId, Todo>,
    items: BTreeMap<ItemId, Item>,
    /// The changes in order. Clearing is logged as the deletion of each todo.
    log: Vec<Effect>,
}

impl Model {
    /// Carries out requests as [`Store::write`](crate::Store::write) does.
    pub fn write(&mut self, requests: Vec<Request>, mode: Mode) -> Vec<Result<Effect, Refusal>> {
        let (count, before) = (requests.len(), self.clone());
        let mut results = Vec::new();
        for request in requests {
            let loaded = self.load(request.command.needs());
            let decided = decide(request, loaded);
            match decided {
                Ok(effect) => {
                    self.apply(&effect);
                    results.push(Ok(effect));
                }
                Err(refusal) if mode == Mode::Each => results.push(Err(refusal)),
                Err(refusal) => {
                    *self = before;
                    let at = results.len();
                    results = vec![Err(Refusal::Together); count];
                    results[at] = Err(refusal);
                    break;
                }
            }
        }
        results
    }

    /// All todos, in their order.
    #[must_use]
    pub fn todos(&self) -> Vec<Todo> {
        let mut todos: Vec<_> = self.todos.values().cloned().collect();
        todos.sort_by(|one, other| {
            let by_order = one.order.get().total_cmp(&other.order.get());
            by_order.then(one.id.cmp(&other.id))
        });
        todos
    }

    /// The checklist of a todo, in its order.
    #[must_use]
    pub fn items_of(&self, todo_id: TodoId) -> Vec<Item> {
        let items = self.items.values().filter(|item| item.todo_id == todo_id);
        let mut items: Vec<_> = items.cloned().collect();
        items.sort_by(|one, other| {
            let by_order = one.order.get().total_cmp(&other.order.get());
            by_order.then(one.id.cmp(&other.id))
        });
        items
    }

    /// All items of all todos.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }

    /// The events of all changes, each with the present state of its object; `None` if the object
    /// was deleted.
    #[must_use]
    pub fn events(&self) -> Vec<Option<Event>> {
        self.log.iter().map(|effect| self.event(effect)).collect()
    }

    fn event(&self, effect: &Effect) -> Option<Event> {
        match effect {
            Effect::TodoCreated(todo) => self.todos.get(&todo.id).cloned().map(Event::TodoCreated),
            Effect::TodoChanged(todo) => self.todos.get(&todo.id).cloned().map(Event::TodoChanged),
            Effect::TodoDeleted(id) => Some(Event::TodoDeleted(*id)),
            Effect::TodosCleared { .. } => Some(Event::Reset),
            Effect::ItemCreated(item) => self.items.get(&item.id).cloned().map(Event::ItemCreated),
            Effect::ItemChanged(item) => self.items.get(&item.id).cloned().map(Event::ItemChanged),
            Effect::ItemDeleted(id, todo_id) => Some(Event::ItemDeleted(*id, *todo_id)),
        }
    }

    fn load(&self, loads: Loads) -> Loaded {
        let todos = self.todos();
        Loaded {
            todo: loads.todo.and_then(|id| self.todos.get(&id).cloned()),
            item: loads.item.and_then(|id| self.items.get(&id).cloned()),
            last_order: todos
                .last()
                .filter(|_| loads.last_order)
                .map(|todo| todo.order),
            checklist: loads.checklist.and_then(|id| self.checklist(id)),
        }
    }

    fn checklist(&self, todo_id: TodoId) -> Option<Checklist> {
        self.todos.get(&todo_id)?;
        let items = self.items_of(todo_id);
        Some(Checklist {
            count: u32::try_from(items.len()).unwrap_or(u32::MAX),
            last_order: items.last().map(|item| item.order),
        })
    }

    fn apply(&mut self, effect: &Effect) {
        match effect {
            Effect::TodoCreated(todo) | Effect::TodoChanged(todo) => {
                self.todos.insert(todo.id, todo.clone());
            }
            Effect::TodoDeleted(id) => {
                self.todos.remove(id);
            }
            Effect::TodosCleared { completed } => {
                let goes = |todo: &Todo| completed.is_none_or(|only| todo.completed() == only);
                for (id, _) in self.todos.extract_if(.., |_, todo| goes(todo)) {
                    self.log.push(Effect::TodoDeleted(id));
                }
            }
            Effect::ItemCreated(item) | Effect::ItemChanged(item) => {
                self.items.insert(item.id, item.clone());
            }
            Effect::ItemDeleted(id, _) => {
                self.items.remove(id);
            }
        }
        if !matches!(effect, Effect::TodosCleared { .. }) {
            self.log.push(effect.clone());
        }
        let todos = &self.todos;
        self.items
            .retain(|_, item| todos.contains_key(&item.todo_id));
    }
}
