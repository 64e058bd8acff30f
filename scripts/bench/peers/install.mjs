/** Installs the packages of this folder, which the benchmark compares with. The package itself does not depend on them. */
import { spawnSync } from 'node:child_process';
import { dependenciesAreCurrent } from '../../setup.mjs';

/** @returns why the packages are absent, or `undefined` if they are installed */
export function installPeers() {
  const folder = import.meta.dirname;
  if (dependenciesAreCurrent(folder)) return undefined;
  console.log('Installing the packages to compare with into scripts/bench/peers …');
  // Runs through a shell: on Windows npm is a .cmd file, which cannot be spawned directly.
  const { status, stderr } = spawnSync('npm ci --no-audit --no-fund --fetch-retries=1', [], { cwd: folder, shell: true, encoding: 'utf8' });
  return status === 0 ? undefined : `the packages in scripts/bench/peers could not be installed (${stderr.trim().split('\n')[0]})`;
}
