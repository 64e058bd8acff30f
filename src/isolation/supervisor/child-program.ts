import type { CallWay } from '../wire/messages.js';
import { PROTOCOL_FD, lastDescriptor } from '../wire/messages.js';
import type { Sandbox } from '../../report/child-sandbox.js';
import { encodeOrder } from '../sandbox/launch-order.js';
import { policyOf } from '../sandbox/policy.js';
import { sandboxSupport } from '../sandbox/probe.js';
import type { SelfRestriction } from '../sandbox/restrict-self.js';
import { launcherOf } from './child-entry.js';
import { jsonText } from '../../options/json-text.js';

export interface ChildProgram {
  readonly entry: string;
  /** What the child is started for, as JSON. */
  readonly argument: string;
  readonly calls: CallWay | undefined;
  /** What it may reach. 'later': the host says so when it has started, on Linux only. */
  readonly sandbox: Sandbox | 'later' | undefined;
}

/** Whether the children of this system begin with the launcher, which restricts them. Elsewhere the program of the child does that itself. */
export const hasLauncher = (): boolean => !restrictsItself(process.platform);

const restrictsItself = (system: NodeJS.Platform): system is SelfRestriction['system'] => system === 'darwin' || system === 'win32';

/** The arguments with which Node becomes a child. */
export function childProgram({ entry, argument, calls, sandbox }: ChildProgram, system = process.platform): readonly string[] {
  if (sandbox === undefined) return [entry, argument];
  if (sandbox !== 'later' && restrictsItself(system)) return [entry, argument, jsonText({ system, grants: sandbox } satisfies SelfRestriction)];
  return [launcherOf(entry), entry, argument, String(lastDescriptor(calls)), String(PROTOCOL_FD)];
}

/** What a launcher waits for. `wantsTrace`: the host is to learn what the child is denied. */
export function launchOrder(sandbox: Sandbox, env: NodeJS.ProcessEnv, wantsTrace: boolean): Buffer {
  // The kernel's limits are those of the host: it is the same kernel.
  const { kernelAbi, keys } = sandboxSupport();
  return encodeOrder({ policy: policyOf(sandbox, { kernelAbi, canGuard: keys.connect === 'enforced', wantsTrace }), env });
}
