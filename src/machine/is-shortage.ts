import { PluginError, systemCode } from '../errors/index.js';

/** Error codes for resources that may be available again later. */
const CODES: readonly (string | undefined)[] = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN'];

/** The C library's messages for the same. The system's loader reports only a message. */
const WORDS = /too many open files|cannot allocate memory|resource temporarily unavailable|cannot map|failed to map segment/i;

/** Whether a step failed because memory, files or threads ran out. It may succeed later. */
export function isShortage(error: unknown): boolean {
  if (CODES.includes(systemCode(error))) return true;
  if (!(error instanceof PluginError)) return false;
  return error.code === 'ERR_LIBRARY_LOAD' ? WORDS.test(error.message) : error.cause !== undefined && isShortage(error.cause);
}
