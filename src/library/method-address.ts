import { immortalText, type Address } from './memory.js';

const methods = new Map<string, Address>();

/** There are few method names, so each is written to memory once per process. */
export function methodAddress(method: string): Address {
  let address = methods.get(method);
  if (address === undefined) methods.set(method, (address = immortalText(method)));
  return address;
}
