// Where todos stand: by their order, a number, and then by their id.

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
