// The shapes that the modules of the app share. Only the checker reads this file. It is not served.

import type { Drafts } from "./drafts.js";

// What the service stores

export interface Stored {
  id: string;
  title: string;
  completed: boolean;
  completed_at: string | null;
  order: number;
  created_at: string;
  updated_at: string;
}

export interface StoredTodo extends Stored {
  notes: string | null;
}

export interface StoredStep extends Stored {
  todo_id: string;
}

/** The events of the stream, each with its data. */
export interface Events {
  open: undefined;
  lost: undefined;
  reset: unknown;
  "todo.created": StoredTodo;
  "todo.changed": StoredTodo;
  "todo.deleted": { id: string };
  "item.created": StoredStep;
  "item.changed": StoredStep;
  "item.deleted": { id: string; todo_id: string };
}

export type Told = <Name extends keyof Events>(name: Name, data: Events[Name]) => void;

// What the page shows: the stored state with the changes that are not confirmed yet

interface Shown {
  id: string;
  title: string;
  completed: boolean;
  order: number;
  completed_at?: string | null;
  created_at?: string;
  updated_at?: string;
  pending?: boolean;
}

export interface Todo extends Shown {
  notes: string | null;
}

export type Step = Shown;

/** A step to create again. Without an order, the service finds a place. */
export interface StepDraft {
  id: string;
  title: string;
  completed?: boolean;
  order?: number;
}

/** A todo of which only some is known: another window has deleted it. */
export interface TodoDraft extends Fields {
  id: string;
}

// What is sent

export interface Texts {
  title?: string;
  notes?: string | null;
}

export interface Fields extends Texts {
  completed?: boolean;
  order?: number;
  todo_id?: string;
}

/** `created_at` tells an object from a later one with the same id. */
export interface Values extends Fields {
  created_at?: string;
}

/** An op before it is in the outbox. */
export interface NewOp {
  /** The target: `todo:ID` or `item:ID`. The ops of one key are sent one after the other. */
  key: string;
  /** The id of the todo that the target is, or belongs to. */
  todo?: string;
  /** The title of that todo. */
  about?: string;
  method: "PUT" | "PATCH" | "DELETE";
  path: string;
  body?: Fields;
  /** The texts that the op replaces. If they differ when it is sent, the op is refused. */
  base?: Values;
  /** The op is sent only after those of this key. */
  after?: string;
  /** The list at this path is read before the op is sent, and becomes its `kept`. */
  reads?: string;
  /** Creates again what was deleted. */
  restores?: boolean;
}

export interface Op extends NewOp {
  todo: string;
  due: number;
  /** A request was sent, and its answer may have been lost. */
  tried?: boolean;
  /** Its target was deleted while it was in flight. */
  forgotten?: boolean;
  kept?: StoredStep[];
}

/** A change with the state before and after it: see `change.js`. */
export interface Change {
  key: string;
  todo: string;
  about: string;
  title: string;
  from: Fields | null;
  to: Fields | null;
  steps?: StepDraft[];
}

/** One action of a person, for undo. */
export interface Action {
  words: string;
  changes: Change[];
}

/** Words that a person has to decide about: see `parked.js`. */
export interface Entry {
  what: string;
  words: string;
  why: string;
  theirs?: string;
  action: string;
  again: NewOp[];
  /** The id of the deleted todo that the words belong to. */
  gone?: string;
}

/** Words that were stored a moment ago: see `recent.js`. */
export interface RecentWords {
  key: string;
  todo: string;
  about?: string;
  words: Texts;
  at: number;
}

// What the parts of the page ask for. A `boolean` is `false` if the words can't be kept.

export interface EditorActs {
  save(words: string, base: string): boolean;
  restore(words: string): boolean;
  /** What is parked of the words if the window ends. */
  draft(words: string, base: string): Entry;
  /** `theirs` is the text of another window; `null` if it deleted the object. */
  park(draft: Entry, theirs: string | null): void;
  /** A choice has ended the editing. */
  leave(): void;
}

interface RowActs {
  toggle(todo: Todo, completed: boolean): void;
  /** `base` is the title that the person saw. */
  rename(todo: Todo, words: string, base: string): boolean;
  restore(todo: Todo, words: string): boolean;
  titleDraft(todo: Todo, words: string, base: string): Entry;
  park(todo: Todo, draft: Entry, theirs: string | null): void;
  remove(todo: Todo): void;
  open(todo: Todo): void;
  move(todo: Todo, by: number): void;
  drafts: Drafts;
  /** The editing has ended. */
  left(): void;
}

export interface ListActs extends RowActs {
  /** The todo was dropped between two others, either of which may be missing. */
  place(id: string, above?: string, below?: string): void;
  visible(): Todo[];
  get(id: string): Todo | null;
}

export interface GrabbedRowActs extends RowActs {
  grab(event: PointerEvent, node: HTMLElement): void;
}

export interface StepActs {
  change(step: Step, fields: Fields): void;
  rename(step: Step, words: string, base: string): boolean;
  restore(step: Step, words: string): boolean;
  draft(step: Step, words: string, base: string): Entry;
  park(step: Step, draft: Entry, theirs: string | null): void;
  remove(step: Step): void;
  drafts: Drafts;
  left(): void;
  done(): void;
}

export interface PanelActs {
  patch(todo: Todo, fields: Fields, base: Texts): boolean;
  send(op: NewOp & Required<Pick<NewOp, "todo" | "about" | "body">>): boolean;
  removeStep(step: Step): void;
  restore(todo: Todo, fields: Fields, steps: StepDraft[]): boolean;
  restoreStep(todo: string, step: StepDraft): boolean;
  draft(op: NewOp): Entry;
  park(entry: Entry): void;
  parkDeleted(todo: Todo, fields: Fields, steps: StepDraft[]): void;
  parkStep(todo: string, step: StepDraft): void;
  get(id: string): Todo | null;
  /** Whether the todo is not stored yet. */
  isNew(id: string): boolean;
  /** Whether this window has written these words. */
  isOwn(id: string, field: keyof Texts, words: string | null): boolean;
  /** Whether this window deletes the todo. */
  deletes(id: string): boolean;
  ops(): Map<string, Op[]>;
  closed(id: string): void;
}

export interface ChecklistActs extends PanelActs {
  trouble(words: string): void;
  done(): void;
  /** Whether another window has deleted the todo. */
  isGone(): boolean;
  about(): string;
}

// Elements

/** Written as a method, so that handlers of more special events are accepted. */
type Listener = { handle(event: Event): unknown }["handle"];

export interface Attributes {
  [name: string]: string | number | boolean | null | undefined | Listener;
  onclick?: (event: MouseEvent) => unknown;
  ondblclick?: (event: MouseEvent) => unknown;
  onpointerdown?: (event: PointerEvent) => unknown;
}
