/**
 * Makes a checkout ready to run, from nothing: toolchain, dependencies, build, fixtures.
 * Runs before anything is installed, so it imports nothing but Node and its neighbours.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { requireToolchain } from './toolchain.mjs';

export const ROOT = resolve(import.meta.dirname, '..');

/** Runs a command with this terminal; exits with its code if it fails, for it has said why. */
function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(join(ROOT, file), 'utf8')).packages;
  } catch {
    return {};
  }
}

/** npm keeps its own record of what it installed. Optional packages may be absent: they are for other platforms. */
function dependenciesAreCurrent() {
  const installed = lockedPackages('node_modules/.package-lock.json');
  return Object.entries(lockedPackages('package-lock.json')).every(
    ([path, locked]) => path === '' || installed[path]?.version === locked.version || (locked.optional && !installed[path]),
  );
}

/** Installs what package-lock.json names, unless it is there. */
function ensureDependencies() {
  if (dependenciesAreCurrent()) return;
  // One string through the shell: on Windows npm is a .cmd file, which cannot be spawned without one.
  run('npm ci --include=dev --no-audit --no-fund', [], { shell: true });
}

/**
 * Everything up to a built package and, if asked for, built fixture plugins.
 * The toolchain comes first: who lacks a compiler should learn it before a long install.
 */
export async function ensureReady({ fixtures }) {
  if (fixtures) requireToolchain();
  ensureDependencies();
  run(process.execPath, [join(ROOT, 'scripts/build.mjs')]);
  if (!fixtures) return;
  const { buildFixtures } = await import('./fixtures.mjs');
  await buildFixtures();
}
