import { existsSync, readFileSync } from 'node:fs';
import { addressOf, closeDescriptor, ownBuffer, systemCall } from '../../library/index.js';
import { otherRuntime } from '../../options/runtime.js';
import type { Enforcement } from '../../report/permissions.js';
import type { Grants, SandboxSupport } from './grants.js';
import { attempt, words } from './kernel.js';
import { macSupport, windowsSupport } from './other-systems.js';
import { canStartNode, featuresOfOther, isFiltered } from './probe-program.js';
import { SYSTEM_CALLS } from './system-calls.js';

const LANDLOCK_CREATE_RULESET_VERSION = 1;
const SECCOMP_GET_ACTION_AVAIL = 2;
const SECCOMP_RET_ERRNO = 0x0005_0000;
const SECCOMP_RET_USER_NOTIF = 0x7fc0_0000;

/** What a kernel offers. */
export interface KernelFeatures {
  /** The version of Landlock; 0 for none. */
  readonly landlockAbi: number;
  readonly hasSeccomp: boolean;
  /** The host can answer calls of the child: it makes its connections. */
  readonly canAnswer: boolean;
}

let support: SandboxSupport | undefined;

/** What this system can enforce. Changes nothing in this process. */
export function sandboxSupport(): SandboxSupport {
  return (support ??= probe());
}

/** No process starts in the sandbox, whatever the system claims. */
export function giveUpSandbox(problem: string): void {
  support = noSupport(`No process starts in a sandbox here: ${problem}`, sandboxSupport().kernelAbi);
}

function probe(): SandboxSupport {
  if (process.platform !== 'linux') return otherSupport();
  if (SYSTEM_CALLS === undefined) return noSupport(`There is no sandbox on ${process.platform}-${process.arch}.`);
  if (!existsSync('/proc/self/maps')) return noSupport('The sandbox needs /proc.');
  if (!isFiltered()) return linuxSupport(ownFeatures(SYSTEM_CALLS.landlock_create_ruleset, canAnswer));
  // The host itself must not be ended by its filter.
  const features = canStartNode() ? featuresOfOther() : ownFeatures(SYSTEM_CALLS.landlock_create_ruleset, () => false);
  return linuxSupport({ ...features, canAnswer: features.canAnswer && mayTraceChildren() });
}

const ownFeatures = (createRuleset: number, answers: () => boolean): KernelFeatures => ({
  landlockAbi: landlockAbi(createRuleset),
  hasSeccomp: hasAction(SECCOMP_RET_ERRNO),
  canAnswer: answers(),
});

function otherSupport(): SandboxSupport {
  if (process.platform === 'darwin') return macSupport() ?? noSupport("macOS does not enforce this package's profile, or has no sandbox-exec.");
  if (process.platform === 'win32') return windowsSupport() ?? noSupport('This system does not lower the integrity level of a process.');
  return noSupport(`There is no sandbox on ${process.platform}.`);
}

function landlockAbi(createRuleset: number): number {
  return Math.max(0, systemCall(createRuleset, 0, 0, LANDLOCK_CREATE_RULESET_VERSION));
}

function hasAction(result: number): boolean {
  const action = ownBuffer(4);
  action.writeUInt32LE(result);
  return attempt('seccomp', SECCOMP_GET_ACTION_AVAIL, 0, action) === 0;
}

/** The host takes descriptors of a child, which is what a debugger may do. Its thread needs Node. */
function canAnswer(): boolean {
  if (otherRuntime() !== undefined || process.versions.electron !== undefined || !hasAction(SECCOMP_RET_USER_NOTIF)) return false;
  const pidfd = attempt('pidfd_open', process.pid, 0);
  if (pidfd < 0) return false;
  const copy = attempt('pidfd_getfd', pidfd, pidfd, 0);
  closeDescriptor(pidfd);
  if (copy >= 0) closeDescriptor(copy);
  return copy >= 0 && canReadMemory() && mayTraceChildren();
}

/** A container may forbid it: it is tried on this process. */
function canReadMemory(): boolean {
  const byte = ownBuffer(8);
  const part = words(addressOf(byte), 1); // struct iovec
  const read = attempt('process_vm_readv', process.pid, part, 1, part, 1, 0);
  void byte.length; // referenced until here
  return read === 1;
}

/** 0: all processes of this user; 1: its children; 2 and 3: none. Without the file: 0. */
function mayTraceChildren(): boolean {
  try {
    return Number(readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8')) <= 1;
  } catch {
    return true;
  }
}

/** The versions of Landlock that brought what a key needs. */
const ABI_OF_PORTS = 4;
const ABI_OF_SCOPES = 6;

/** What Linux can enforce with these features. */
export function linuxSupport({ landlockAbi: kernelAbi, hasSeccomp, canAnswer }: KernelFeatures): SandboxSupport {
  if (kernelAbi === 0) return noSupport('This kernel has no Landlock, or it is switched off (see /sys/kernel/security/lsm) or forbidden here.');
  if (!hasSeccomp) return noSupport('This kernel has no seccomp filters, or they are forbidden here.', kernelAbi);
  // An empty list of ports is always enforced: then the process gets no sockets.
  const ports: Enforcement = kernelAbi >= ABI_OF_PORTS ? 'enforced' : 'partly';
  const connect = canAnswer ? 'enforced' : 'partly';
  const keys = { read: 'enforced', write: 'enforced', connect, listen: ports, run: 'partly', env: 'enforced', call: 'enforced' } as const;
  const isFull = kernelAbi >= ABI_OF_SCOPES;
  const mechanism = 'Landlock and seccomp';
  if (isFull) return { level: 'full', mechanism, kernelAbi, keys };
  const reason = `This kernel has version ${kernelAbi} of Landlock: ${missing(kernelAbi)}. Version ${ABI_OF_SCOPES} (Linux 6.12) has both.`;
  return { level: 'partly', mechanism, kernelAbi, keys, reason };
}

function missing(kernelAbi: number): string {
  const scopes = 'abstract sockets and signals are limited by system call filters alone';
  return kernelAbi >= ABI_OF_PORTS ? scopes : `it cannot limit ports (a list in \`listen\` allows every port, and one in \`connect\` too unless the host makes the connections), and ${scopes}`;
}

const DECLARED: Readonly<Record<keyof Grants, Enforcement>> = {
  read: 'declared',
  write: 'declared',
  connect: 'declared',
  listen: 'declared',
  run: 'declared',
  env: 'enforced',
  call: 'enforced',
};

function noSupport(reason: string, kernelAbi = 0): SandboxSupport {
  return { level: 'none', mechanism: 'none', kernelAbi, keys: DECLARED, reason };
}
