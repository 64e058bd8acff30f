import { readFileSync } from 'node:fs';
import { koffiPath } from '../../library/index.js';
import { isNamedNode, otherRuntime } from '../../options/runtime.js';
import { outputOf } from './output-of.js';
import type { KernelFeatures } from './probe.js';
import { SYSTEM_CALLS } from './system-calls.js';

/**
 * Asks the kernel as probe.ts does, in a process of its own: a filter of system calls may end the process that makes a call instead of
 * refusing it. Service managers set such filters. The calls come in the order in which they matter, with an answer after each.
 */
const PROGRAM = `
'use strict';
const [koffiPath, text] = process.argv.slice(1);
const numbers = JSON.parse(text);
const koffi = require('node:module').createRequire(koffiPath)(koffiPath);
const libc = koffi.load(null);
const call = libc.func('syscall', 'int64_t', ['int64_t', ...Array(6).fill('intptr_t')]);
const own = (length) => Buffer.from(new ArrayBuffer(length));
const system = (name, ...args) => {
  const values = args.map((arg) => (typeof arg === 'number' ? arg : Number(koffi.address(arg))));
  return Number(call(numbers[name], ...values, ...Array(6 - args.length).fill(0)));
};
const say = (fact) => require('node:fs').writeSync(1, JSON.stringify(fact) + '\\n');
const hasAction = (result) => {
  const action = own(4);
  action.writeUInt32LE(result);
  return system('seccomp', 2, 0, action) === 0;
};
say({ landlockAbi: Math.max(0, system('landlock_create_ruleset', 0, 0, 1)) });
say({ hasSeccomp: hasAction(0x00050000) });
const pidfd = hasAction(0x7fc00000) ? system('pidfd_open', process.pid, 0) : -1;
const isCopied = pidfd >= 0 && system('pidfd_getfd', pidfd, pidfd, 0) >= 0;
const byte = own(8);
const part = own(16);
part.writeBigUInt64LE(BigInt(koffi.address(byte)), 0);
part.writeBigUInt64LE(1n, 8);
say({ canAnswer: isCopied && system('process_vm_readv', process.pid, part, 1, part, 1, 0) === 1 });
`;

/** Whether a filter of system calls is in force for this process. Without /proc that is not known. */
export function isFiltered(): boolean {
  try {
    return /^Seccomp:\s+2$/m.test(readFileSync('/proc/self/status', 'utf8'));
  } catch {
    return false;
  }
}

/** Whether this process can start itself again as Node: it may be a packaged application. */
export const canStartNode = (): boolean => otherRuntime() === undefined && process.versions.electron === undefined && isNamedNode(process.execPath);

/** What another process finds out. What it could not say, because it was ended, is not there. */
export function featuresOfOther(): KernelFeatures {
  const env = Object.fromEntries(['PATH', 'HOME', 'LD_LIBRARY_PATH'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  const printed = outputOf(process.execPath, ['-e', PROGRAM, koffiPath(), JSON.stringify(SYSTEM_CALLS)], env);
  const facts = printed.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Partial<KernelFeatures>);
  return Object.assign({ landlockAbi: 0, hasSeccomp: false, canAnswer: false }, ...facts) as KernelFeatures;
}
