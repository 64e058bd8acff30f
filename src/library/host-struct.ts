import type { Buffer } from 'node:buffer';
import { LAYOUTS } from '../abi/layouts.js';
import { ABI_VERSION } from '../abi/version.js';
import { addressOf, copyBytes, immortal, ownBuffer, type Address } from './memory.js';

const { members: HOST, size: HOST_SIZE } = LAYOUTS.aisopod_host;

export type HostFunctionName = Exclude<keyof typeof HOST, 'size' | 'abi_version' | 'context'>;

/** One plugin's `aisopod_host`, which is never freed. */
export function hostStruct(context: number, functions: Readonly<Record<HostFunctionName, bigint>>): Address {
  const bytes = ownBuffer(HOST_SIZE);
  bytes.writeUInt32LE(HOST_SIZE, HOST.size.offset);
  bytes.writeUInt32LE(ABI_VERSION, HOST.abi_version.offset);
  bytes.writeBigUInt64LE(BigInt(context), HOST.context.offset);
  for (const [name, at] of Object.entries(functions) as [HostFunctionName, bigint][]) bytes.writeBigUInt64LE(at, HOST[name].offset);
  return immortalCopy(bytes);
}

/** The struct of a host extension: `size`, `reserved`, then its functions. It is never freed. */
export function extensionStruct(functions: readonly bigint[]): Address {
  const bytes = ownBuffer(8 + 8 * functions.length);
  bytes.writeUInt32LE(bytes.length);
  functions.forEach((at, index) => bytes.writeBigUInt64LE(at, 8 + 8 * index));
  return immortalCopy(bytes);
}

function immortalCopy(bytes: Buffer): Address {
  const address = immortal(bytes.length);
  copyBytes(address, addressOf(bytes), bytes.length);
  return address;
}
