// The sorting of todos and of steps: by their order, which is a number, and then by their id.

export function before(one, other) {
  return one.order - other.order || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}

/** The largest order that the service accepts. */
const MAX = Number.MAX_SAFE_INTEGER;

/**
 * An order between two neighbours, of which either may be missing; `null` if no number fits between
 * them.
 */
export function between(above, below) {
  if (!above && !below) return 1;
  if (!above) return below.order - 1 < -MAX ? null : below.order - 1;
  if (!below) return Math.floor(above.order) + 1 > MAX ? null : Math.floor(above.order) + 1;
  const middle = above.order + (below.order - above.order) / 2;
  return above.order < middle && middle < below.order ? middle : null;
}

/** An order after all of these, which must be sorted; `undefined` if the service must choose it. */
export function behind(all) {
  return between(all.at(-1), null) ?? undefined;
}

/**
 * New orders for as few entries as possible around `at`, where no number fits between the
 * neighbours. `all` must be sorted as the result is to be.
 */
export function makeRoom(all, at) {
  for (let reach = 4; reach < all.length; reach *= 2) {
    const from = Math.max(0, at - reach);
    const to = Math.min(all.length, at + reach + 1);
    const count = to - from + 1;
    const above = all[from - 1]?.order ?? all[to]?.order - count;
    const below = all[to]?.order ?? above + count;
    const step = (below - above) / count;
    const room = all.slice(from, to).map((one, index) => [one, above + step * (index + 1)]);
    const orders = [above, ...room.map(([, order]) => order), below];
    if (orders.every((order, index) => Math.abs(order) <= MAX && (index === 0 || orders[index - 1] < order))) return room;
  }
  return all.map((one, index) => [one, index + 1]);
}
