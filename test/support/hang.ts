/** How long a test waits for a program before it says that the program hangs. Long, because no test is to fail on a slow machine. */
export const HANG_MS = 600_000;
