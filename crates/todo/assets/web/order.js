// Where todos, and steps of a checklist, stand: by their order, a number, and then by their id.

export function before(one, other) {
  return one.order - other.order || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}

/** A number between two neighbours, of which either may be missing; `null` where there is no room. */
export function between(above, below) {
  if (!above && !below) return 1;
  if (!above) return below.order - 1;
  if (!below) return Math.floor(above.order) + 1;
  const middle = above.order + (below.order - above.order) / 2;
  return above.order < middle && middle < below.order ? middle : null;
}

/** Behind all of these, which are in their order. */
export function behind(all) {
  return between(all.at(-1), null);
}

/**
 * New orders for as few as possible around `at`, where no number fits between the neighbours. `all` are in the order
 * that they are to have.
 */
export function makeRoom(all, at) {
  for (let reach = 4; ; reach *= 2) {
    const from = Math.max(0, at - reach);
    const to = Math.min(all.length, at + reach + 1);
    const count = to - from + 1;
    const above = all[from - 1]?.order ?? (all[to]?.order ?? count) - count;
    const below = all[to]?.order ?? above + count;
    const step = (below - above) / count;
    const room = all.slice(from, to).map((one, index) => [one, above + step * (index + 1)]);
    const orders = [above, ...room.map(([, order]) => order), below];
    const distinct = orders.every((order, index) => index === 0 || orders[index - 1] < order);
    if (distinct || count > all.length) return room;
  }
}
