import { PluginError, systemCode } from '../errors/index.js';

/** The system's codes for what it may have again later. */
const CODES: readonly (string | undefined)[] = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN'];

/** What the C library says of the same. The loader of libraries has words alone. */
const WORDS = /too many open files|cannot allocate memory|resource temporarily unavailable|cannot map|failed to map segment/i;

/** Whether a step failed for want of memory, files or threads: another time it may succeed. */
export function isShortage(error: unknown): boolean {
  if (CODES.includes(systemCode(error))) return true;
  if (!(error instanceof PluginError)) return false;
  return error.code === 'ERR_LIBRARY_LOAD' ? WORDS.test(error.message) : error.cause !== undefined && isShortage(error.cause);
}
