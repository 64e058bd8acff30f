import { expect } from '@jest/globals';

const isWindows = process.platform === 'win32';

/**
 * The members of an error or record about a crash. Windows has no signals: a crash ends a process with an exit code that depends on
 * the compiler and its C library.
 */
export const crashedBy = (signal: string): object =>
  isWindows ? { signal: null, exitCode: expect.any(Number) } : { signal, exitCode: null };

/** What a message says of a crash. */
export const crashWords = (signal: string): RegExp => (isWindows ? /exited with code (?!0\b)\w+/ : new RegExp(`was killed by ${signal}`));
