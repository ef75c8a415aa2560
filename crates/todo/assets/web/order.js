// The sorting of todos and of steps: by their order, which is a number, and then by their id.

/** @typedef {{ order: number }} Ordered */

/**
 * @param {Ordered & { id: string }} one
 * @param {Ordered & { id: string }} other
 */
export function before(one, other) {
  return one.order - other.order || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}

/** The largest order that the service accepts. */
const MAX = Number.MAX_SAFE_INTEGER;

/**
 * A number between two neighbours, of which either may be missing; `null` where there is no room.
 * @param {Ordered | null | undefined} above @param {Ordered | null | undefined} below
 */
export function between(above, below) {
  if (!above) {
    if (!below) return 1;
    return below.order - 1 < -MAX ? null : below.order - 1;
  }
  if (!below) return Math.floor(above.order) + 1 > MAX ? null : Math.floor(above.order) + 1;
  const middle = above.order + (below.order - above.order) / 2;
  return above.order < middle && middle < below.order ? middle : null;
}

/**
 * Behind all of these, which are in their order; `undefined` where the service has to find a place.
 * @param {Ordered[]} all
 */
export function behind(all) {
  return between(all.at(-1), null) ?? undefined;
}

/**
 * New orders for as few as possible around `at`, where no number fits between the neighbours. `all` are in the order
 * that they are to have.
 * @template {Ordered} T
 * @param {T[]} all
 * @param {number} at
 * @returns {[T, number][]}
 */
export function makeRoom(all, at) {
  for (let reach = 4; reach < all.length; reach *= 2) {
    const from = Math.max(0, at - reach);
    const to = Math.min(all.length, at + reach + 1);
    const count = to - from + 1;
    const above = all[from - 1]?.order ?? all[to]?.order - count;
    const below = all[to]?.order ?? above + count;
    const step = (below - above) / count;
    /** @type {[T, number][]} */
    const room = all.slice(from, to).map((one, index) => [one, above + step * (index + 1)]);
    const orders = [above, ...room.map(([, order]) => order), below];
    const fits = orders.every((order, index) => Math.abs(order) <= MAX && (index === 0 || orders[index - 1] < order));
    if (fits) return room;
  }
  return all.map((one, index) => [one, index + 1]);
}
