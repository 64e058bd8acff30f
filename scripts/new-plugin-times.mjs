/**
 * How long it takes from an empty folder to an answer, in each language whose toolchain is installed: `aisopod-plugin new`, the build and a
 * call. `node scripts/new-plugin-times.mjs [language ...]`. Needs dist/ (npm run build). Fails if one takes longer than 60 s.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';

const LIMIT_S = 60;
const root = resolve(import.meta.dirname, '..');
const cli = join(root, 'dist/cli/main.js');
const languages = process.argv.length > 2 ? process.argv.slice(2) : ['c', 'cpp', 'rust', 'zig', 'go'];

/** Runs a command and returns what it printed, and its seconds. */
function run(command, args, cwd, shell = false) {
  const start = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, shell, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}\n${stdout}${stderr}`);
  return { stdout, seconds: (performance.now() - start) / 1000 };
}

/** Of the three commands. `undefined`: the toolchain is missing. */
function times(lang, folder) {
  const written = run(process.execPath, [cli, 'new', 'first', '--lang', lang, '--json'], folder);
  const { missing } = JSON.parse(written.stdout);
  if (missing.length > 0) {
    console.log(`${lang.padEnd(5)} skipped: ${missing.map(({ program, install }) => `${program} is not installed (${install})`).join('; ')}`);
    return undefined;
  }
  const built = run('npm run build --prefix first', [], folder, true);
  const called = run(process.execPath, [cli, 'call', 'first/plugin', 'first', '{"name":"Ada"}', '--data-dir', 'data'], folder);
  if (!called.stdout.includes('Hello, Ada!')) throw new Error(`${lang}: unexpected answer: ${called.stdout}`);
  return [written, built, called].map(({ seconds }) => seconds);
}

const home = mkdtempSync(join(tmpdir(), 'aisopod-new-'));
let isSlow = false;
try {
  for (const lang of languages) {
    const folder = join(home, lang);
    mkdirSync(folder);
    const seconds = times(lang, folder);
    if (seconds === undefined) continue;
    const total = seconds.reduce((sum, each) => sum + each, 0);
    isSlow ||= total > LIMIT_S;
    const [written, built, called] = seconds.map((each) => `${each.toFixed(1)} s`);
    console.log(`${lang.padEnd(5)} new ${written}, build ${built}, call ${called}: ${total.toFixed(1)} s`);
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
if (isSlow) {
  console.error(`one takes longer than ${LIMIT_S} s`);
  process.exitCode = 1;
}
