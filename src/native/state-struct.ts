import type { Buffer } from 'node:buffer';
import { LAYOUTS } from '../abi/layouts.js';
import { addressOf, ownBuffer, type Address } from '../library/index.js';

/** An `aisopod_state` and its data, in one buffer. The caller must keep it until native code has returned. */
export function stateStruct(state: Uint8Array): { readonly buffer: Buffer; readonly address: Address } {
  const { members, size } = LAYOUTS.aisopod_state;
  const buffer = ownBuffer(size + state.length);
  const address = addressOf(buffer);
  buffer.set(state, size);
  buffer.writeUInt32LE(size, members.size.offset);
  buffer.writeBigUInt64LE(BigInt(address + size), members.data.offset);
  buffer.writeBigUInt64LE(BigInt(state.length), members.length.offset);
  return { buffer, address };
}
