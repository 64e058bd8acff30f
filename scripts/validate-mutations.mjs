/**
 * Breaks good plugins, one thing at a time, and counts how many of them `aisopod-plugin validate` finds:
 * `node scripts/validate-mutations.mjs [--only TEXT] [--jobs N] [--keep]`, after npm run build. Linux, with a C and a C++ compiler.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { MUTATIONS } from './validate/mutations.mjs';

const root = path.resolve(import.meta.dirname, '..');
const main = path.join(root, 'dist/cli/main.js');
/** How many must be found. */
const ALLOWED_MISSES = 2;

const { values } = parseArgs({ options: { only: { type: 'string' }, jobs: { type: 'string' }, keep: { type: 'boolean' } } });
/** Passed on to validate. */
const jobs = values.jobs === undefined ? [] : ['--jobs', values.jobs];
const scratch = mkdtempSync(path.join(tmpdir(), 'aisopod-mutations-'));

function sourcesOf(plugin) {
  const folder = path.join(root, 'native-fixtures', plugin);
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
}

function replaced(text, from, to, where) {
  if (!text.includes(from)) throw new Error(`${where} has no ${from}`);
  return text.replace(from, () => to);
}

/** Builds the plugin with one thing changed. Returns its folder. */
function build({ plugin, source, more = [], manifest, flags = [], folder: change }, at) {
  const files = sourcesOf(plugin);
  for (const [file, from, to] of source === undefined ? more : [source, ...more]) files[file] = replaced(files[file], from, to, file);
  if (manifest !== undefined) files['aisopod.plugin.toml'] = replaced(files['aisopod.plugin.toml'], ...manifest, 'the manifest');
  const sources = path.join(at, 'source');
  const folder = path.join(at, plugin);
  for (const each of [sources, folder]) mkdirSync(each, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(/\.(?:toml|json)$/.test(name) ? folder : sources, name), text);
  compile(plugin, sources, path.join(folder, `lib${plugin}.so`), flags);
  change?.(folder);
  return folder;
}

function compile(plugin, sources, output, flags) {
  const files = readdirSync(sources).filter((name) => /\.c(?:pp)?$/.test(name)).map((name) => path.join(sources, name));
  const [compiler, standard] = files.some((name) => name.endsWith('.cpp')) ? ['c++', '-std=c++17'] : ['cc', '-std=c99'];
  const include = [path.join(root, 'include'), path.join(root, 'native-fixtures/common')].map((each) => `-I${each}`);
  const common = ['-shared', '-fPIC', '-O2', '-fvisibility=hidden', standard, '-D_POSIX_C_SOURCE=200809L', `-DFIXTURE_ID="${plugin}"`, '-pthread'];
  const { status, stderr } = spawnSync(compiler, [...common, ...include, '-o', output, ...files, ...flags], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${compiler} failed:\n${stderr}`);
}

function validateJson(...args) {
  const { stdout, stderr } = spawnSync(process.execPath, [main, 'validate', ...args, '--json'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (!stdout.startsWith('{')) throw new Error(`validate printed no JSON: ${stdout}${stderr}`);
  return JSON.parse(stdout).checks;
}

/** The checks of the files, then those that run the plugin, some at a time: the first group that finds something is enough. */
const GROUP = 12;
const dynamicIds = validateJson('--list', '--only', 'dynamic').map(({ id }) => id);
const groups = [['static'], ...Array.from({ length: Math.ceil(dynamicIds.length / GROUP) }, (_, index) => dynamicIds.slice(index * GROUP, (index + 1) * GROUP))];

/** The checks that find something. */
function validate(folder) {
  for (const ids of groups) {
    const checks = validateJson(folder, ...jobs, ...ids.flatMap((id) => ['--only', id]));
    const found = checks.filter(({ status }) => status === 'failed' || status === 'warned').map(({ id }) => id);
    if (found.length > 0) return found;
  }
  return [];
}

function tryOne(mutation, index) {
  const at = path.join(scratch, String(index));
  const begin = Date.now();
  const found = validate(build(mutation, at));
  if (values.keep !== true) rmSync(at, { recursive: true });
  const text = found.length === 0 ? 'NOT FOUND' : found.slice(0, 4).join(', ') + (found.length > 4 ? ` and ${found.length - 4} more` : '');
  console.log(`${found.length === 0 ? '✗' : '✓'} ${mutation.plugin} ${mutation.name}: ${text} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
  return found.length > 0;
}

const chosen = MUTATIONS.filter(({ name }) => values.only === undefined || name.includes(values.only));
try {
  for (const plugin of new Set(chosen.map((mutation) => mutation.plugin))) {
    const wrong = validate(build({ plugin }, path.join(scratch, plugin)));
    if (wrong.length > 0) throw new Error(`the unchanged ${plugin} does not pass: ${wrong.join(', ')}`);
  }
  const found = chosen.filter(tryOne).length;
  console.log(`${found} of ${chosen.length} are found`);
  if (found < chosen.length - ALLOWED_MISSES) process.exitCode = 1;
} finally {
  if (values.keep === true) console.log(`kept: ${scratch}`);
  else rmSync(scratch, { recursive: true });
}
