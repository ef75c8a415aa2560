// Elapsed time in milliseconds. Unlike the wall clock, it cannot be set, and only advances.

export const elapsed = () => performance.now();
