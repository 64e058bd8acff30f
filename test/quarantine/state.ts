import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { Quarantine, type Crash } from '../../src/quarantine/index.js';
import { projectRoot } from '../support/fixtures.js';

export const KEY = 'a'.repeat(64);
export const OTHER_KEY = 'b'.repeat(64);

export const CRASH: Crash = {
  pluginId: 'weather',
  path: '/plugins/weather',
  signal: 'SIGSEGV',
  exitCode: null,
  reason: 'was killed by SIGSEGV',
  during: 'init',
};

/** A quarantine whose clock stands still until it is moved. */
export function quarantineAt(stateDir: string, expiryMs?: number): { quarantine: Quarantine; clock: { now: number } } {
  const clock = { now: 1_000_000 };
  return { quarantine: new Quarantine({ stateDir, expiryMs, now: () => clock.now }), clock };
}

/** What is in a folder of the state; empty where there is none. */
export function filesOf(stateDir: string, folder: string): string[] {
  try {
    return readdirSync(path.join(stateDir, folder));
  } catch {
    return [];
  }
}

export const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

/** For scripts in processes of their own. */
export const builtQuarantine = `require(${JSON.stringify(path.join(projectRoot, 'build/modules/quarantine/index.js'))})`;

