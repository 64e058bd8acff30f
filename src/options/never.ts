/** As long as a timer can be, which is 24 days. What is to happen then counts as never; Node's timers would do it at once. */
export const NEVER_MS = 2 ** 31 - 1;
