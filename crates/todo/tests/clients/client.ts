// Exercises the client of openapi-typescript and openapi-fetch against the real service.

import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

declare const process: { argv: string[] };

type Todo = components["schemas"]["Todo"];
type Problem = components["schemas"]["Problem"];

const client = createClient<paths>({ baseUrl: process.argv[2] ?? "" });

function equal(found: unknown, expected: unknown, what: string): void {
  if (found !== expected) {
    throw new Error(`${what}: expected ${String(expected)}, found ${String(found)}`);
  }
}

/** The body of a successful answer. */
function body<T>(answer: { data?: T; error?: Problem }): T {
  if (answer.data === undefined) {
    throw new Error(JSON.stringify(answer.error));
  }
  return answer.data;
}

const created = await client.POST("/todos", { body: { title: "Buy milk" } });
const todo: Todo = body(created);
equal(created.response.status, 201, "creating");
equal(created.response.headers.get("location"), todo.url, "Location");
equal(todo.completed_at, null, "when it was completed");
const path = { id: todo.id };

const todos: Todo[] = body(
  await client.GET("/todos", { params: { query: { limit: 10, completed: false } } }),
);
equal(todos[0]?.title, "Buy milk", "the first todo");

const changed: Todo = body(
  await client.PATCH("/todos/{id}", { params: { path }, body: { completed: true, notes: null } }),
);
equal(changed.completed, true, "completed");
const merged = await client.PATCH("/todos/{id}", {
  params: { path },
  body: { order: 2.5 },
  headers: { "Content-Type": "application/merge-patch+json" },
});
equal(body(merged).order, 2.5, "order");

const item = body(
  await client.POST("/todos/{id}/items", { params: { path }, body: { title: "Oat" } }),
);
const itemPath = { id: item.id };
const items = body(await client.GET("/todos/{id}/items", { params: { path } }));
equal(items.length, 1, "items");
const done = body(
  await client.PATCH("/items/{id}", { params: { path: itemPath }, body: { completed: true } }),
);
equal(done.todo_id, todo.id, "the item's todo");
const all = body(await client.GET("/items"));
equal(all.items[0]?.title, "Oat", "the first of all items");
const removed = await client.DELETE("/items/{id}", { params: { path: itemPath } });
equal(removed.response.status, 204, "deleting an item");

const refused = await client.POST("/todos", { body: { title: " " } });
equal(refused.response.status, 422, "a blank title");
equal(refused.error?.errors?.[0]?.pointer, "/title", "the field that is wrong");

const put = await client.PUT("/todos/{id}", {
  params: { path, header: { "If-None-Match": "*" } },
  body: { title: "Again" },
});
equal(put.error?.type, "/problems/exists", "creating what exists");

equal(body(await client.POST("/login")).message, "Login successful", "logging in without a body");
const metrics = await client.GET("/metrics", { parseAs: "text" });
equal(body(metrics).startsWith("# HELP"), true, "metrics");

const deleted = await client.DELETE("/todos/{id}", { params: { path } });
equal(deleted.response.status, 204, "deleting");
const gone = await client.GET("/todos/{id}", { params: { path } });
equal(gone.error?.title, "Todo not found", "reading what is gone");
