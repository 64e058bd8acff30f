import { test } from '@jest/globals';
import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterFile } from './cleanup.js';

/** The checkout. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Where scripts/fixtures.mjs puts one plugin folder per fixture. */
export const fixturesRoot = path.join(projectRoot, 'build', 'fixtures');

/** The plugin folder of a fixture. Read it, copy it; do not write into it. */
export function fixtureDir(name: string): string {
  const folder = path.join(fixturesRoot, name);
  if (!existsSync(folder)) throw new Error(`the fixture ${name} is not built: run node scripts/fixtures.mjs`);
  return folder;
}

/** What this platform calls the library `name`. */
export function libraryFileName(name: string): string {
  if (process.platform === 'win32') return `${name}.dll`;
  return process.platform === 'darwin' ? `lib${name}.dylib` : `lib${name}.so`;
}

/** The library file of a fixture. */
export function fixtureLibrary(name: string): string {
  return path.join(fixtureDir(name), libraryFileName(name));
}

/** Copies a fixture to `to/<name>`, or to `to/<as>`. Returns the copy's folder. */
export function copyFixture(name: string, to: string, as = name): string {
  const folder = path.join(to, as);
  cpSync(fixtureDir(name), folder, { recursive: true, preserveTimestamps: true });
  return folder;
}

/** A new empty folder, removed after the tests of the calling file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'aisopod-test-'));
  afterFile(() => removeUnlessOpen(folder));
  return folder;
}

/** A new temporary folder with copies of these fixtures, one plugin folder each: a plugin folder to scan. */
export function folderOf(...names: string[]): string {
  const folder = temporaryFolder();
  for (const name of names) copyFixture(name, folder);
  return folder;
}

/** Set by scripts/platforms/windows.mjs. What only wine lacks is skipped with a reason that begins with "wine: ". */
export const isWine = process.env.AISOPOD_WINE !== undefined;

/** Set by scripts/platforms/musl.mjs: cc and c++ are Zig's. What only these lack is skipped with a reason that begins with "Zig: ". */
export const isZig = process.env.AISOPOD_ZIG !== undefined;

/** Set by scripts/platforms/arm64.mjs. What an emulator lacks is skipped with a reason that begins with "qemu: ". */
export const isEmulated = process.env.AISOPOD_QEMU !== undefined;

type RunTest = (name: string, run: () => void | Promise<void>, timeoutMs?: number) => void;

/** `test` where the platform has it, else a skipped test whose name says what is missing. */
export function testWhere(available: boolean, missing: string): RunTest {
  return (name, run, timeoutMs) => {
    if (available) test(name, run, timeoutMs);
    else test.skip(`${name} [skipped: ${missing}]`, run, timeoutMs);
  };
}

/** For tests with fetch() of Node. */
export const withFetch = testWhere(!isWine, "wine: Node's fetch() cannot connect");

/** Windows keeps the file of a library that is still open; the system's own cleaning takes those. */
function removeUnlessOpen(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  } catch (error) {
    if (process.platform !== 'win32') throw error;
  }
}
