import { expect } from '@jest/globals';

const isWindows = process.platform === 'win32';

/**
 * The members of an error or record about a crash. Windows has no signals: a crash ends a process with an exit code that depends on
 * the compiler and its C library.
 */
export const crashedBy = (signal: string): object =>
  isWindows ? { signal: null, exitCode: expect.any(Number) } : { signal, exitCode: null };

/** The same of a process that was killed. Windows tells that as an exit with code 1. */
export const killedBy = (signal: string): { readonly signal: string | null; readonly exitCode: number | null; readonly reason: string } =>
  isWindows ? { signal: null, exitCode: 1, reason: 'exited with code 1' } : { signal, exitCode: null, reason: `was killed by ${signal}` };

/** Ends a process as a crash would. */
export const crash = (pid: number, signal: 'SIGSEGV' | 'SIGABRT'): void => void process.kill(pid, isWindows ? 'SIGKILL' : signal);

/** What a message says of a crash. */
export const crashWords = (signal: string): RegExp => (isWindows ? /exited with code (?!0\b)\w+/ : new RegExp(`was killed by ${signal}`));
