import { LoadError, type ErrorContext } from '../../errors/index.js';
import { isOwnEntry } from '../../isolation/supervisor/child-entry.js';
import { sandboxSupport } from '../../isolation/sandbox/probe.js';
import type { SandboxSupport } from '../../isolation/sandbox/grants.js';
import { PERMISSION_KEYS, type PermissionLists } from '../../report/permissions.js';
import type { Isolation } from '../../report/plugin-report.js';
import type { SandboxMode } from './sandbox-options.js';

/** In the host's process, the host itself refuses calls of other plugins. Nothing else can be refused. */
const IN_PROCESS: SandboxSupport = {
  level: 'none',
  mechanism: 'none',
  kernelAbi: 0,
  keys: { read: 'declared', write: 'declared', connect: 'declared', listen: 'declared', run: 'declared', env: 'declared', call: 'enforced' },
  reason: "The plugin runs in the host's process, which cannot be sandboxed.",
};

const OTHER_PROGRAM: SandboxSupport = { ...IN_PROCESS, keys: { ...IN_PROCESS.keys, env: 'enforced' }, reason: 'Its process runs a program of the host (processes.childEntry).' };

/** Their sandboxes were written from documentation: without being asked for, they must not break a plugin. */
const NOT_ASKED_FOR: SandboxSupport = { ...OTHER_PROGRAM, reason: "Without the option `sandbox`, plugins are sandboxed on Linux only. Set it to 'best-effort' to use what this system has." };

interface Place {
  readonly mode: SandboxMode;
  /** The host has not set the option. */
  readonly isDefault: boolean;
  readonly isolation: Isolation;
  readonly childEntry?: string | undefined;
  readonly limitsCalls: boolean;
}

/** What is enforced for a plugin that runs there. */
export function supportFor(place: Place, system = process.platform): SandboxSupport {
  const support = systemSupport(place, system);
  return place.limitsCalls ? support : { ...support, keys: { ...support.keys, call: 'declared' } };
}

function systemSupport({ mode, isDefault, isolation, childEntry }: Place, system: NodeJS.Platform): SandboxSupport {
  if (isolation === 'in-process') return IN_PROCESS;
  if (mode === 'best-effort' && !isOwnEntry(childEntry)) return OTHER_PROGRAM;
  return isDefault && system !== 'linux' ? NOT_ASKED_FOR : sandboxSupport();
}

/** In one line. */
export function describeSupport({ level, mechanism, kernelAbi, reason }: SandboxSupport): string {
  const version = kernelAbi === 0 ? '' : ` (version ${kernelAbi})`;
  return level === 'none' ? `none: ${reason ?? ''}` : `${mechanism}${version}${reason === undefined ? '' : `: ${reason}`}`;
}

/** Whether what was not granted is denied, even if a grant allows more than it says. Only Linux does that. */
const deniesTheRest = ({ kernelAbi }: SandboxSupport): boolean => kernelAbi > 0;

/**
 * Refuses a plugin whose sandbox is required, where it would not be enforced. With `full` support everything is enforced that the
 * sandbox has a rule for; otherwise the plugin must have nothing of the keys that are not enforced. @throws LoadError ERR_SANDBOX_UNAVAILABLE
 */
export function requireSupport(mode: SandboxMode, support: SandboxSupport, granted: PermissionLists, where: ErrorContext): void {
  if (mode !== 'require' || support.level === 'full') return;
  const loose = PERMISSION_KEYS.filter((key) => support.keys[key] !== 'enforced' && granted[key].length > 0);
  if (support.level === 'partly' && deniesTheRest(support) && loose.length === 0) return;
  const expected = loose.length === 0 ? `a sandbox${support.level === 'none' ? '' : ' that denies all that was not granted'}` : `a sandbox that enforces ${loose.join(', ')}`;
  throw new LoadError('ERR_SANDBOX_UNAVAILABLE', { expected, found: describeSupport(support) }, where);
}
