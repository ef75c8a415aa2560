// Time that has passed, in milliseconds. The clock on the wall may be set at any moment; this one only goes forward.

export const elapsed = () => performance.now();
