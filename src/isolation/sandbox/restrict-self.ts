import { dirname } from 'node:path';
import { realpathSync } from 'node:fs';
import { initMacSandbox, joinJob, lowerIntegrity, setMitigation } from '../../library/index.js';
import { profileOf } from './macos/profile.js';
import { loadedPackages } from './own-files.js';
import type { Sandbox } from '../../report/child-sandbox.js';
import { windowsRestrictions } from './windows/restrictions.js';

/** What a child restricts itself to, where no launcher does it before. The host writes it. */
export interface SelfRestriction {
  readonly system: 'darwin' | 'win32';
  readonly grants: Sandbox;
}

/** Restricts this process for ever: on macOS by its sandbox, on Windows by what a process can give up. @throws Error */
export function restrictSelf({ system, grants }: SelfRestriction): void {
  if (system === 'win32') restrictOnWindows(grants.run.length > 0);
  else restrictOnMac(grants);
}

function restrictOnMac(grants: Sandbox): void {
  const own = [...loadedPackages(), dirname(realpathSync(process.execPath)), realpathSync(process.argv[1]!)];
  const { text, parameters } = profileOf(grants, own);
  const problem = initMacSandbox(text, parameters);
  if (problem !== undefined) throw new Error(`sandbox_init_with_parameters failed: ${problem}`);
}

function restrictOnWindows(mayRun: boolean): void {
  const { mitigations, job } = windowsRestrictions(mayRun);
  const isSet = mitigations.map(([policy, flags]) => setMitigation(policy, flags));
  const isInJob = joinJob(job);
  // The last mitigation forbids child processes, if any is forbidden; the job does too.
  if (!mayRun && isSet.at(-1) !== true && !isInJob) throw new Error('the system did not forbid child processes');
  if (!lowerIntegrity()) throw new Error('the system did not lower the integrity level');
}
