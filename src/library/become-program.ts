import type { Buffer } from 'node:buffer';
import { koffi } from './koffi-settings.js';
import { addressOf, libc, ownBuffer } from './memory.js';
import { narrowText } from './native-text.js';

/**
 * Replaces this program with another one, in the same process and with the same environment. Descriptors that are not
 * close-on-exec stay open. Returns only if it failed, with the number of the error. POSIX only.
 */
export function becomeProgram(file: string, args: readonly string[]): number {
  const execv = libc.func('execv', 'int', ['uintptr_t', 'uintptr_t']) as (file: number, args: number) => number;
  const texts = [file, ...args].map((text) => narrowText(text));
  const pointers = pointersTo(texts);
  execv(addressOf(texts[0]!), addressOf(pointers));
  return koffi.errno();
}

/** Addresses of the texts, with a NULL at the end. Valid while they are referenced. */
function pointersTo(texts: readonly Buffer[]): Buffer {
  const pointers = ownBuffer((texts.length + 1) * 8);
  texts.forEach((text, index) => pointers.writeBigUInt64LE(BigInt(addressOf(text)), index * 8));
  return pointers;
}
