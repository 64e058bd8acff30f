import { koffi } from './koffi-settings.js';
import { addressOf, libc, ownBuffer } from './memory.js';
import { narrowText } from './native-text.js';

/**
 * macOS: restricts this process, with all its threads and what it starts, to the rules of a profile, for ever. It is not in Apple's headers;
 * browsers use it. Returns the problem if that failed.
 */
export function initMacSandbox(profile: string, parameters: Readonly<Record<string, string>>): string | undefined {
  const init = libc.func('sandbox_init_with_parameters', 'int', ['str', 'uint64_t', 'uintptr_t', 'uintptr_t']) as (...args: (string | number)[]) => number;
  const texts = Object.entries(parameters).flatMap(([name, value]) => [narrowText(name), narrowText(value)]);
  const list = ownBuffer((texts.length + 1) * 8); // ends with NULL
  texts.forEach((text, index) => list.writeBigUInt64LE(BigInt(addressOf(text)), index * 8));
  const error = ownBuffer(8);
  const result = init(profile, 0, addressOf(list), addressOf(error));
  void texts.length; // referenced until here
  if (result === 0) return undefined;
  const text = error.readBigUInt64LE(0);
  return text === 0n ? `error ${result}` : String(koffi.decode(text, 'char', -1));
}
