import type { CallWay } from '../wire/messages.js';
import { lastDescriptor } from '../wire/messages.js';
import type { Sandbox } from '../../report/child-sandbox.js';
import { policyOf } from '../sandbox/policy.js';
import { sandboxSupport } from '../sandbox/probe.js';
import type { SelfRestriction } from '../sandbox/restrict-self.js';
import { launcherOf } from './child-entry.js';

export interface ChildProgram {
  readonly entry: string;
  /** What the child is started for, as JSON. */
  readonly argument: string;
  readonly calls: CallWay | undefined;
  readonly sandbox: Sandbox | undefined;
  /** The host is to learn what the child is denied. */
  readonly wantsTrace: boolean;
}

/**
 * The arguments with which Node becomes a child. On Linux a sandboxed one begins with the launcher, which restricts it; elsewhere the
 * program of the child restricts itself.
 */
export function childProgram({ entry, argument, calls, sandbox, wantsTrace }: ChildProgram, system = process.platform): readonly string[] {
  if (sandbox === undefined) return [entry, argument];
  if (system === 'darwin' || system === 'win32') return [entry, argument, JSON.stringify({ system, grants: sandbox } satisfies SelfRestriction)];
  // The kernel's limits are those of the host: it is the same kernel.
  const { kernelAbi, keys } = sandboxSupport();
  const policy = policyOf(sandbox, { kernelAbi, lastDescriptor: lastDescriptor(calls), canGuard: keys.connect === 'enforced', wantsTrace });
  return [launcherOf(entry), JSON.stringify(policy), entry, argument];
}
