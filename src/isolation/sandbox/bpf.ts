import { ownBuffer } from '../../library/index.js';
import type { Buffer } from 'node:buffer';

/** One instruction of a seccomp filter: code, jumps if true and if false (relative to the next instruction), value. */
export type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, value: number];
export type Program = readonly Instruction[];

/** Codes of instructions (linux/bpf_common.h). */
export const LOAD = 0x20;
export const AND = 0x54;
export const JUMP = 0x05;
export const JUMP_IF_EQUAL = 0x15;
export const JUMP_IF_AT_LEAST = 0x35;
export const JUMP_IF_ANY_BIT = 0x45;
export const RETURN = 0x06;

/** Results of a filter (linux/seccomp.h). */
export const ALLOW = 0x7fff_0000;
export const KILL_PROCESS = 0x8000_0000;
/** The call waits until another process has answered it. */
export const ASK = 0x7fc0_0000;
export const fail = (errno: number): number => 0x0005_0000 | errno;

export const EPERM = 1;
export const EACCES = 13;
export const EINVAL = 22;
export const ENOTTY = 25;
export const ENOSYS = 38;

/** Offsets in what a filter sees (struct seccomp_data). Numbers are little-endian. */
export const NUMBER_OFFSET = 0;
export const ARCHITECTURE_OFFSET = 4;
/** Of an argument: the only one that the kernel uses of those that are looked at. */
export const lowWord = (argument: number): number => 16 + 8 * argument;

export const load = (offset: number): Instruction => [LOAD, 0, 0, offset];
export const and = (mask: number): Instruction => [AND, 0, 0, mask];
export const give = (result: number): Instruction => [RETURN, 0, 0, result];

/** A jump reaches at most so far; an unconditional one further. */
const MAX_JUMP = 255;

/** Runs `then` if the loaded value is `value`, otherwise what follows. `then` must end with a result. */
export const ifEqual = (value: number, then: Program): Program => [[JUMP_IF_EQUAL, 0, then.length, value], ...then];
/** The same if the loaded value has any of the bits. */
export const ifAnyBit = (bits: number, then: Program): Program => [[JUMP_IF_ANY_BIT, 0, then.length, bits], ...then];

/** What happens from a number on, up to the next case. */
export interface Case {
  readonly from: number;
  readonly run: Program;
}

/** Finds the case of the loaded number by binary search. `cases` are in order; the first one also stands for lower numbers. */
export function choose(cases: readonly Case[]): Program {
  const middle = cases.length >> 1;
  const [first, pivot] = [cases[0], cases[middle]];
  if (first === undefined || pivot === undefined) return [];
  if (middle === 0) return first.run;
  const below = choose(cases.slice(0, middle));
  const jump: Program =
    below.length <= MAX_JUMP
      ? [[JUMP_IF_AT_LEAST, below.length, 0, pivot.from]]
      : [
          [JUMP_IF_AT_LEAST, 0, 1, pivot.from],
          [JUMP, 0, 0, below.length],
        ];
  return [...jump, ...below, ...choose(cases.slice(middle))];
}

const INSTRUCTION_BYTES = 8;

/** A program as the kernel reads it (struct sock_filter). */
export function encode(program: Program): Buffer {
  const bytes = ownBuffer(program.length * INSTRUCTION_BYTES);
  program.forEach(([code, jumpTrue, jumpFalse, value], index) => {
    const at = index * INSTRUCTION_BYTES;
    bytes.writeUInt16LE(code, at);
    bytes.writeUInt8(jumpTrue, at + 2);
    bytes.writeUInt8(jumpFalse, at + 3);
    bytes.writeUInt32LE(value >>> 0, at + 4);
  });
  return bytes;
}
