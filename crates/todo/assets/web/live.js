// What others change, as they change it.

/** `told(name, data)` for each event; comes back by itself when the service does. */
export function follow(told) {
  const names = ["reset", "todo.created", "todo.changed", "todo.deleted", "item.created", "item.changed", "item.deleted"];
  let source;
  const open = () => {
    source = new EventSource("/events");
    for (const name of names) source.addEventListener(name, (event) => told(name, JSON.parse(event.data)));
    source.addEventListener("open", () => told("open"));
    source.addEventListener("error", () => {
      told("lost");
      // Refused, as when there are too many streams: the browser does not try again by itself.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 5000);
    });
  };
  open();
}
