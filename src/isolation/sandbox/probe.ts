import { addressOf, ownBuffer, systemCall } from '../../library/index.js';
import type { Enforcement, Grants, SandboxSupport } from './grants.js';
import { SYSTEM_CALLS } from './system-calls.js';

const LANDLOCK_CREATE_RULESET_VERSION = 1;
const SECCOMP_GET_ACTION_AVAIL = 2;
const SECCOMP_RET_ERRNO = 0x0005_0000;

/** What a kernel offers. */
export interface KernelFeatures {
  /** The version of Landlock; 0 for none. */
  readonly landlockAbi: number;
  readonly hasSeccomp: boolean;
}

let support: SandboxSupport | undefined;

/** What this system can enforce. Changes nothing in this process. */
export function sandboxSupport(): SandboxSupport {
  return (support ??= probe());
}

function probe(): SandboxSupport {
  if (process.platform !== 'linux') return noSupport(`There is no sandbox on ${process.platform}.`);
  if (SYSTEM_CALLS === undefined) return noSupport(`There is no sandbox on ${process.platform}-${process.arch}.`);
  return linuxSupport({ landlockAbi: landlockAbi(SYSTEM_CALLS.landlock_create_ruleset), hasSeccomp: hasSeccomp(SYSTEM_CALLS.seccomp) });
}

function landlockAbi(createRuleset: number): number {
  return Math.max(0, systemCall(createRuleset, 0, 0, LANDLOCK_CREATE_RULESET_VERSION));
}

function hasSeccomp(seccomp: number): boolean {
  const action = ownBuffer(4);
  action.writeUInt32LE(SECCOMP_RET_ERRNO);
  return systemCall(seccomp, SECCOMP_GET_ACTION_AVAIL, 0, addressOf(action)) === 0;
}

/** The versions of Landlock that brought what a key needs. */
const ABI_OF_PORTS = 4;
const ABI_OF_SCOPES = 6;

/** What Linux can enforce with these features. */
export function linuxSupport({ landlockAbi: kernelAbi, hasSeccomp }: KernelFeatures): SandboxSupport {
  if (kernelAbi === 0) return noSupport('This kernel has no Landlock, or it is switched off (see /sys/kernel/security/lsm).');
  if (!hasSeccomp) return noSupport('This kernel has no seccomp filters, or they are forbidden here.', kernelAbi);
  // An empty list of ports is always enforced: then the process gets no sockets.
  const ports: Enforcement = kernelAbi >= ABI_OF_PORTS ? 'enforced' : 'partly';
  const keys = { read: 'enforced', write: 'enforced', connect: 'partly', listen: ports, run: 'partly', env: 'enforced', call: 'enforced' } as const;
  const isFull = kernelAbi >= ABI_OF_SCOPES;
  const mechanism = 'Landlock and seccomp';
  if (isFull) return { level: 'full', mechanism, kernelAbi, keys };
  const reason = `This kernel has version ${kernelAbi} of Landlock: ${missing(kernelAbi)}. Version ${ABI_OF_SCOPES} (Linux 6.12) has both.`;
  return { level: 'partly', mechanism, kernelAbi, keys, reason };
}

function missing(kernelAbi: number): string {
  const scopes = 'abstract sockets and signals are limited by system call filters alone';
  return kernelAbi >= ABI_OF_PORTS ? scopes : `it cannot limit ports (a list in \`connect\` or \`listen\` allows every port), and ${scopes}`;
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
