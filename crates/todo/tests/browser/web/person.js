// A simulated person who acts at random, determined by a seed, and remembers each typed word.
//
// `window.person(name, seed)` starts the person, also after a reload. `window.person.stop()` stops
// them. Words are unique. A word may only be missing in the end if it was given up: by a choice
// between two texts, or with a todo that was deleted when the word was already stored.

for (const name of ["error", "unhandledrejection"]) {
  addEventListener(name, ({ error, reason }) => console.error(`Uncaught ${(error ?? reason)?.stack}`));
}

// Records each stream and its last events, for the message of a failed test.
window.heard = [];
window.EventSource = class extends EventSource {
  constructor(url) {
    super(url);
    const stream = { begun: Date.now(), source: this, last: [] };
    window.heard.push(stream);
    const note = ({ type, lastEventId, data }) => (stream.last = [...stream.last.slice(-4), [Date.now(), type, lastEventId, data?.slice(0, 200)]]);
    for (const name of ["open", "error", "reset", "todo.created", "todo.changed", "todo.deleted"]) this.addEventListener(name, note);
  }
};

window.person = (name, seed) => {
  const memory = JSON.parse(sessionStorage.getItem("person") ?? `{"count":0,"seed":${seed},"typed":{},"stored":{},"dropped":[],"deleted":[],"did":{},"how":{}}`);
  const random = (end) => {
    memory.seed = (Math.imul(memory.seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((memory.seed / 2 ** 32) * end);
  };
  const all = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
  const one = (selector) => {
    const found = all(selector);
    return found[random(found.length)];
  };
  const wordsOf = (text) => text.match(/\b(ann|bob)\d+x\b/g) ?? [];
  const dropped = (text) => memory.dropped.push(...wordsOf(text));
  const word = (todo) => {
    const next = `${name}${(memory.count += 1)}x`;
    memory.typed[next] = todo ?? null;
    memory.how[next] = `${doing} at ${Date.now()}`;
    return next;
  };
  const key = (node, name, more) => node.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more }));
  const type = (field, todo) => {
    if (field.value.length > 300) return;
    field.value = `${field.value} ${word(todo)}`.trim();
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  };
  let open = null;
  let doing = "";
  const does = {
    add() {
      const field = document.querySelector(".new-todo");
      if (!field.value) type(field);
      if (random(4)) field.form.requestSubmit();
    },
    edit() {
      const field = document.querySelector(".todo.editing .edit, .editing .edit");
      if (!field) return one(".todo .title")?.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
      type(field, field.closest("li").dataset.id);
      if (random(2)) key(field, "Enter");
    },
    toggle: () => one(".todo .toggle")?.click(),
    remove() {
      const row = one(".todo:not(.editing)");
      if (!row) return;
      memory.deleted.push([row.dataset.id, Date.now()]);
      dropped(row.querySelector(".title").textContent);
      row.querySelector(".destroy").click();
    },
    move() {
      const row = one(".todo:not(.editing)");
      if (row) key(row, random(2) ? "ArrowUp" : "ArrowDown", { altKey: true });
    },
    open() {
      const row = one(".todo:not(.editing)");
      if (!row) return;
      open = row.dataset.id;
      row.querySelector(".open").click();
    },
    notes() {
      const field = all(".panel .notes")[0];
      if (!field) return does.open();
      field.focus();
      type(field, open);
    },
    step() {
      const field = all(".panel .new-item")[0];
      if (!field) return does.open();
      field.focus();
      if (!field.value) type(field, open);
      if (random(4)) field.form.requestSubmit();
    },
    editStep() {
      const field = one(".panel .what");
      if (!field) return;
      field.focus();
      type(field, open);
      if (random(2)) key(field, "Enter");
    },
    close: () => all(".panel .close")[0]?.click(),
    choose() {
      const note = all(".editor .note")[0];
      if (!note) return;
      const field = note.parentElement.firstElementChild;
      const button = note.querySelectorAll("button")[random(2)];
      if (["Take theirs", "Discard"].includes(button.textContent)) dropped(field.value);
      else dropped(note.querySelector("blockquote").textContent);
      button.click();
    },
    unpark() {
      const entry = one("#parked li");
      const button = entry?.querySelector(".choices button");
      if (!button || button.textContent === "Copy") return;
      const theirs = entry.querySelectorAll("blockquote")[1];
      if (theirs) dropped(theirs.textContent);
      button.click();
    },
  };
  const often = { add: 12, edit: 14, toggle: 6, remove: 5, move: 6, open: 3, notes: 14, step: 12, editStep: 8, close: 2, choose: 6, unpark: 4 };
  const deck = Object.entries(often).flatMap(([what, times]) => Array(times).fill(what));

  /**
   * Notes the words that reached the service: those that no storage of this browser has any more.
   */
  const note = () => {
    const waits = Object.entries(localStorage).filter(([name]) => name !== "todo.events").map(([, value]) => value).join();
    for (const row of document.querySelectorAll(".todo")) {
      for (const word of wordsOf(row.querySelector(".title").textContent)) if (memory.typed[word] === null) memory.typed[word] = row.dataset.id;
    }
    for (const word of Object.keys(memory.typed)) {
      if (waits.includes(word)) delete memory.stored[word];
      else memory.stored[word] ??= Date.now();
    }
    sessionStorage.setItem("person", JSON.stringify(memory));
  };
  const timer = setInterval(() => {
    const what = deck[random(deck.length)];
    memory.did[what] = (memory.did[what] ?? 0) + 1;
    doing = what;
    does[what]();
    note();
  }, 200);
  window.person.stop = () => {
    clearInterval(timer);
    document.activeElement?.blur();
    all(".panel .close")[0]?.click();
    note();
  };
  window.person.memory = memory;
};
