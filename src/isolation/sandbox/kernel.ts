import type { Buffer } from 'node:buffer';
import { getSystemErrorName } from 'node:util';
import { addressOf, ownBuffer, systemCall } from '../../library/index.js';
import { SYSTEM_CALLS, type SystemCallName } from './system-calls.js';

/** Makes a system call of Linux. Returns its result, or the negative number of the error. */
export function attempt(name: SystemCallName, ...args: readonly (number | Buffer)[]): number {
  const number = SYSTEM_CALLS?.[name] ?? -1;
  const result = systemCall(number, ...args.map((arg) => (typeof arg === 'number' ? arg : addressOf(arg))));
  void args.length; // the buffers are referenced until here
  return result;
}

/** The same for a call without which there is no sandbox. @throws Error */
export function demand(name: SystemCallName, ...args: readonly (number | Buffer)[]): number {
  const result = attempt(name, ...args);
  if (result < 0) throw new Error(`${name} failed: ${getSystemErrorName(result)}`);
  return result;
}

/** 64-bit words, as a struct of the kernel has them. */
export function words(...values: readonly number[]): Buffer {
  const bytes = ownBuffer(values.length * 8);
  values.forEach((value, index) => bytes.writeBigUInt64LE(BigInt(value), index * 8));
  return bytes;
}
