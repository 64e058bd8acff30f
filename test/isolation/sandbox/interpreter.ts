import type { Program } from '../../../src/isolation/sandbox/bpf.js';

/** What a filter sees of a call. Arguments have 64 bits. */
export interface FilteredCall {
  readonly number: number;
  /** AUDIT_ARCH_X86_64 or AUDIT_ARCH_AARCH64, or another one. */
  readonly architecture: number;
  readonly args?: readonly (number | bigint)[];
}

const [LOAD, AND, JUMP, EQUAL, GREATER, AT_LEAST, ANY_BIT, RETURN] = [0x20, 0x54, 0x05, 0x15, 0x25, 0x35, 0x45, 0x06];

/** Runs a filter as the kernel does (net/core/filter.c), and fails where the kernel would refuse to install it. */
export function runFilter(program: Program, call: FilteredCall): number {
  const data = seccompData(call);
  let loaded = 0;
  for (let at = 0; at < program.length; at++) {
    const [code, jumpTrue, jumpFalse, value] = program[at]!;
    const jump = (isTrue: boolean): number => (at += isTrue ? jumpTrue : jumpFalse);
    switch (code) {
      case LOAD:
        loaded = data.readUInt32LE(value);
        break;
      case AND:
        loaded = (loaded & value) >>> 0;
        break;
      case JUMP:
        at += value;
        break;
      case EQUAL:
        jump(loaded === value);
        break;
      case GREATER:
        jump(loaded > value);
        break;
      case AT_LEAST:
        jump(loaded >= value);
        break;
      case ANY_BIT:
        jump((loaded & value) !== 0);
        break;
      case RETURN:
        return value;
      default:
        throw new Error(`instruction ${at} has the unknown code ${code}`);
    }
  }
  throw new Error('the filter ends without a result');
}

const MAX_INSTRUCTIONS = 4096;
const JUMPS = new Set([EQUAL, GREATER, AT_LEAST, ANY_BIT]);

/** What the kernel checks before it installs a filter: sizes, fields, jumps inside the program, a result at the end. */
export function problemsOf(program: Program): readonly string[] {
  const problems: string[] = [];
  if (program.length > MAX_INSTRUCTIONS) problems.push(`${program.length} instructions`);
  if (program.at(-1)?.[0] !== RETURN) problems.push('no result at the end');
  program.forEach(([code, jumpTrue, jumpFalse, value], at) => {
    if (Math.max(jumpTrue, jumpFalse) > 255 || Math.min(jumpTrue, jumpFalse) < 0) problems.push(`${at}: a jump of more than a byte`);
    const far = code === JUMP ? value : JUMPS.has(code) ? Math.max(jumpTrue, jumpFalse) : 0;
    if (at + 1 + far >= program.length && code !== RETURN) problems.push(`${at}: a jump out of the program`);
    if (code === LOAD && (value % 4 !== 0 || value > 60)) problems.push(`${at}: a load at ${value}`);
  });
  return problems;
}

/** struct seccomp_data */
function seccompData({ number, architecture, args = [] }: FilteredCall): Buffer {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number >>> 0, 0);
  data.writeUInt32LE(architecture, 4);
  args.forEach((arg, index) => data.writeBigUInt64LE(BigInt.asUintN(64, BigInt(arg)), 16 + 8 * index));
  return data;
}
