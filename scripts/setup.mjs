/**
 * Prepares a fresh checkout: toolchain check, dependencies, build, fixtures.
 * Runs before anything is installed, so it imports only Node's modules and the scripts beside it.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { requireToolchain } from './toolchain.mjs';

export const ROOT = resolve(import.meta.dirname, '..');

/** Runs a command in this terminal. If it fails, exits with its code, since it has printed the reason. */
function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return {};
  }
}

/** Compares a folder's lock file with npm's own record of the installation. Optional packages may be absent: they are for other platforms. */
export function dependenciesAreCurrent(folder) {
  const installed = lockedPackages(join(folder, 'node_modules/.package-lock.json'));
  return Object.entries(lockedPackages(join(folder, 'package-lock.json'))).every(
    ([path, locked]) => path === '' || installed[path]?.version === locked.version || (locked.optional && !installed[path]),
  );
}

/**
 * Installs the packages of a folder of scripts, on which the package itself does not depend.
 * @returns {string | undefined} why they are absent, or `undefined` if they are installed
 */
export function installPackages(folder) {
  if (dependenciesAreCurrent(folder)) return undefined;
  const name = relative(ROOT, folder);
  console.log(`Installing packages into ${name} …`);
  // Runs through a shell: on Windows npm is a .cmd file, which cannot be spawned directly.
  const { status, stderr } = spawnSync('npm ci --no-audit --no-fund --fetch-retries=1', [], { cwd: folder, shell: true, encoding: 'utf8' });
  return status === 0 ? undefined : `the packages in ${name} could not be installed (${stderr.trim().split('\n')[0]})`;
}

/** Installs the packages in package-lock.json, unless they are installed. */
function ensureDependencies() {
  if (dependenciesAreCurrent(ROOT)) return;
  // Runs through a shell: on Windows npm is a .cmd file, which cannot be spawned directly.
  run('npm ci --include=dev --no-audit --no-fund', [], { shell: true });
}

/**
 * Installs and builds the package and, if requested, the fixture plugins.
 * The toolchain check comes first, so that a missing compiler is reported before a long install.
 */
export async function ensureReady({ fixtures }) {
  if (fixtures) requireToolchain();
  ensureDependencies();
  run(process.execPath, [join(ROOT, 'scripts/build.mjs')]);
  if (!fixtures) return;
  const { buildFixtures } = await import('./fixtures.mjs');
  await buildFixtures();
}
