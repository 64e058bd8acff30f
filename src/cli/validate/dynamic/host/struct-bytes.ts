import { Buffer } from 'node:buffer';
import { LAYOUTS } from '../../../../abi/layouts.js';
import { ABI_VERSION } from '../../../../abi/version.js';
import type { HostFunctionName } from '../../../../library/index.js';

/** Values of members; what is not given is zero. */
type Values<M extends string> = Partial<Record<M, number | bigint>>;

/** A struct of the header, in bytes. Its `size` is that of the layout, or `size`: cut, or with bytes behind it that no reader knows. */
export function structBytes<N extends keyof typeof LAYOUTS>(name: N, values: Values<keyof (typeof LAYOUTS)[N]['members'] & string>, size: number = LAYOUTS[name].size): Buffer {
  const { members, size: known } = LAYOUTS[name];
  const bytes = Buffer.alloc(Math.max(size, known), 0xa5);
  bytes.fill(0, 0, known);
  const all: Readonly<Record<string, number | bigint | undefined>> = { ...values, size };
  for (const [member, { offset, type }] of Object.entries(members)) {
    const value = all[member] ?? 0;
    if (type === 'u32' || type === 'i32') bytes.writeUInt32LE(Number(value) >>> 0, offset);
    else bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), offset);
  }
  return bytes.subarray(0, size);
}

export const hostBytes = (context: number, functions: Readonly<Record<HostFunctionName, bigint>>, size?: number): Buffer =>
  structBytes('aisopod_host', { abi_version: ABI_VERSION, context, ...functions }, size);
