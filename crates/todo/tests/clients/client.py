"""Exercises the client of openapi-python-client against the real service."""

import importlib
import pkgutil
import sys
from uuid import UUID

import todo_client
from todo_client import Client
from todo_client.api.items import change_item, create_item, delete_item, list_items, list_items_of_todo
from todo_client.api.system import metrics, readyz
from todo_client.api.todos import change_todo, create_todo, delete_todo, list_todos, read_todo, replace_todo
from todo_client.api.users import login
from todo_client.models import ItemPatch, NewItem, NewTodo, Problem, Todo, TodoPatch

# Every generated module can be imported.
for module in pkgutil.walk_packages(todo_client.__path__, "todo_client."):
    importlib.import_module(module.name)

client = Client(base_url=sys.argv[1])

created = create_todo.sync_detailed(client=client, body=NewTodo(title="Buy milk"))
assert created.status_code == 201, created
todo = created.parsed
assert isinstance(todo, Todo) and isinstance(todo.id, UUID), todo
assert todo.completed_at is None and todo.notes is None, todo

todos = list_todos.sync(client=client, limit=10, completed=False)
assert isinstance(todos, list) and todos[0].title == "Buy milk", todos

changed = change_todo.sync(todo.id, client=client, body=TodoPatch(completed=True, notes=None))
assert isinstance(changed, Todo) and changed.completed, changed

item = create_item.sync(todo.id, client=client, body=NewItem(title="Oat"))
assert not isinstance(item, Problem) and item.todo_id == todo.id, item
assert len(list_items_of_todo.sync(todo.id, client=client)) == 1
done = change_item.sync(item.id, client=client, body=ItemPatch(completed=True))
assert not isinstance(done, Problem) and done.completed, done
assert list_items.sync(client=client).items[0].title == "Oat"
assert delete_item.sync_detailed(item.id, client=client).status_code == 204

refused = create_todo.sync_detailed(client=client, body=NewTodo(title=" "))
assert refused.status_code == 422, refused
assert isinstance(refused.parsed, Problem), refused
assert refused.parsed.errors[0].pointer == "/title", refused

put = replace_todo.sync(todo.id, client=client, body=NewTodo(title="Again"), if_none_match="*")
assert isinstance(put, Problem) and put.type_ == "/problems/exists", put

assert login.sync(client=client).message == "Login successful"
assert metrics.sync(client=client).startswith("# HELP")
assert readyz.sync(client=client).status == "ok"

assert delete_todo.sync_detailed(todo.id, client=client).status_code == 204
gone = read_todo.sync(todo.id, client=client)
assert isinstance(gone, Problem) and gone.title == "Todo not found", gone
