// A monotonic clock in milliseconds. Unlike the wall clock, nobody can set it.

export const elapsed = () => performance.now();
