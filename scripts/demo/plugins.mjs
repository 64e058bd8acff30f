/** The plugin folder that the demo scans: good plugins, and one for each common defect. */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const build = resolve(import.meta.dirname, '../../build');

/** The examples, by folder, with their capabilities. */
export const GOOD = ['guard', 'hash', 'word-stats'];

/** Defective fixtures, and good ones with a manifest that `change` breaks, with the expected outcome of each. */
const BAD = [
  { name: 'bad-abi-note', code: 'ERR_ABI_MISMATCH' },
  { name: 'extra-undeclared', code: 'ERR_CAPABILITY_UNDECLARED' },
  { name: 'init-fails', code: 'ERR_INIT_FAILED' },
  { name: 'lib-prefix', code: 'ERR_LIBRARY_NOT_FOUND' },
  { name: 'mistyped-key', from: 'good-cpp', change: (text) => text.replace('entry_point', 'entrypoint'), code: 'ERR_MANIFEST' },
  { name: 'needs-missing-library', code: 'ERR_MISSING_DEPENDENCY' },
  { name: 'newer-host', from: 'good-cpp', change: (text) => `${text}\n[compatibility]\nmin_host_version = "99.0.0"\n`, code: 'ERR_VERSION_COMPATIBILITY' },
  { name: 'no-create', code: 'ERR_MISSING_SYMBOL' },
  { name: 'text-as-library', code: 'ERR_LIBRARY_FORMAT' },
  { name: 'truncated', code: 'ERR_LIBRARY_FORMAT' },
  { name: 'word-stats-again', from: '../examples/word-stats', code: 'ERR_DUPLICATE_ID' },
  { name: 'wrong-architecture', code: 'ERR_WRONG_ARCHITECTURE' },
];

/**
 * Copies them all into `folder`.
 * @returns {{ expected: Map<string, string>, skipped: Map<string, string> }} by folder: the expected outcome (`active` or
 * an error code), and why an example was not built
 */
export function makePluginFolder(folder) {
  const expected = new Map();
  const skipped = new Map();
  for (const name of GOOD) {
    const built = join(build, 'examples', name);
    if (!existsSync(built) && name === 'hash') {
      skipped.set(name, 'rustc 1.77 or newer is not installed');
      continue;
    }
    cpSync(built, join(folder, name), { recursive: true });
    expected.set(name, 'active');
  }
  for (const { name, from = name, change, code } of BAD) {
    const copy = join(folder, name);
    cpSync(join(build, 'fixtures', from), copy, { recursive: true });
    if (change !== undefined) rewrite(join(copy, 'aisopod.plugin.toml'), change);
    expected.set(name, code);
  }
  return { expected, skipped };
}

function rewrite(file, change) {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}
