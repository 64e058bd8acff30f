import { closeSync } from 'node:fs';
import { libc } from './memory.js';

/** Closes a descriptor that a C function opened. In a Worker, Node's own function prints a warning for each that it did not open. */
export const closeDescriptor: (fd: number) => void = process.platform === 'win32' ? closeSync : (libc.func('close', 'int', ['int']) as (fd: number) => number);
