import { spawnSync } from 'node:child_process';
import { canLowerIntegrity } from '../../library/index.js';
import { NO_GRANTS, type SandboxSupport } from './grants.js';
import { profileOf } from './macos/profile.js';

/** What macOS can enforce. Changes nothing in this process. */
export function macSupport(isProfileEnforced = isMacProfileEnforced): SandboxSupport | undefined {
  if (!isProfileEnforced()) return undefined;
  const keys = { read: 'partly', write: 'partly', connect: 'partly', listen: 'partly', run: 'partly', env: 'enforced', call: 'enforced' } as const;
  const reason = 'The services of macOS are not restricted, and of connections only the ports.';
  return { level: 'partly', mechanism: 'macOS sandbox', kernelAbi: 0, keys, reason };
}

/** What Windows can enforce. Changes nothing in this process. */
export function windowsSupport(isIntegrityLowered = canLowerIntegrity): SandboxSupport | undefined {
  if (!isIntegrityLowered()) return undefined;
  const keys = { read: 'declared', write: 'partly', connect: 'declared', listen: 'declared', run: 'partly', env: 'enforced', call: 'enforced' } as const;
  const reason = 'Windows does not restrict reading and connections, and keeps processes of low integrity only from writing to what has a higher level.';
  return { level: 'partly', mechanism: 'low integrity, mitigation policies and a job', kernelAbi: 0, keys, reason };
}

const SANDBOX_EXEC = '/usr/bin/sandbox-exec';
const CAT = '/bin/cat';

/** Whether a profile like that of a child does what it says, with a program that may read one file and not another. */
function isMacProfileEnforced(): boolean {
  const { text, parameters } = profileOf({ ...NO_GRANTS, run: [CAT] }, []);
  const defined = Object.entries(parameters).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
  const canRead = (file: string): boolean => spawnSync(SANDBOX_EXEC, ['-p', text, ...defined, CAT, file], { stdio: 'ignore' }).status === 0;
  return canRead('/dev/null') && !canRead('/private/etc/hosts');
}
