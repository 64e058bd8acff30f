/**
 * Validates the plugins that are to have no finding: the good fixtures, those of the kits, all examples, and a new plugin of each language and
 * kind. `node scripts/validate-good.mjs [--only TEXT] [--jobs N]`, after npm run build and npm run fixtures. What needs a toolchain that is not
 * installed is skipped, by name. Fails if there is a failure or a warning.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const root = path.resolve(import.meta.dirname, '..');
const main = path.join(root, 'dist/cli/main.js');
const LANGUAGES = ['c', 'cpp', 'rust', 'zig', 'go'];
const KINDS = ['tool', 'hook', 'command', 'channel', 'provider'];
const FIXTURES = ['good-c', 'good-cpp', 'kit-cpp', 'kit-rust', 'kit-zig', 'kit-go'];

const { values } = parseArgs({ options: { only: { type: 'string' }, jobs: { type: 'string' } } });
const jobs = values.jobs === undefined ? [] : ['--jobs', values.jobs];
const home = mkdtempSync(path.join(tmpdir(), 'aisopod-good-'));

function run(command, args, options = {}) {
  return spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
}

/** A plugin that was built before; `undefined` if its toolchain is not installed. */
const built = (...parts) => () => {
  const folder = path.join(root, 'build', ...parts);
  return existsSync(folder) ? folder : undefined;
};

const made = (lang, kind) => () => {
  const name = `${lang}-${kind}`;
  // A hook has the name of its plugin's event, so every kind can have the default name.
  const written = run(process.execPath, [main, 'new', name, '--lang', lang, '--kind', kind, '--json'], { cwd: home });
  if (written.status !== 0) throw new Error(`aisopod-plugin new failed: ${written.stdout}${written.stderr}`);
  if (JSON.parse(written.stdout).missing.length > 0) return undefined;
  const { status, stdout, stderr } = run(`npm run build --prefix ${name}`, [], { cwd: home, shell: true });
  if (status !== 0) throw new Error(`the build of ${name} failed:\n${stdout}${stderr}`);
  return path.join(home, name, 'plugin');
};

const PLUGINS = [
  ...FIXTURES.map((name) => [name, built('fixtures', name)]),
  ...readdirSync(path.join(root, 'examples'), { withFileTypes: true })
    .filter((entry) => existsSync(path.join(entry.parentPath ?? entry.path, entry.name, 'aisopod.plugin.toml')))
    .map(({ name }) => [`example ${name}`, built('examples', name)]),
  ...LANGUAGES.flatMap((lang) => KINDS.map((kind) => [`new ${lang} ${kind}`, made(lang, kind)])),
];

/** Prints what was found. Returns whether there was nothing. */
function validate(name, folder) {
  const begin = Date.now();
  const { stdout, stderr } = run(process.execPath, [main, 'validate', folder, '--json', ...jobs]);
  if (!stdout.startsWith('{')) throw new Error(`validate printed no JSON: ${stdout}${stderr}`);
  const wrong = JSON.parse(stdout).checks.filter(({ status }) => status === 'failed' || status === 'warned');
  console.log(`${wrong.length === 0 ? '✓' : '✗'} ${name} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
  for (const { id, findings } of wrong) for (const { severity, message } of findings) console.log(`    ${id}, ${severity}: ${message}`);
  return wrong.length === 0;
}

const chosen = PLUGINS.filter(([name]) => values.only === undefined || name.includes(values.only));
const wrong = [];
try {
  for (const [name, folderOf] of chosen) {
    const folder = folderOf();
    if (folder === undefined) console.log(`- ${name}: skipped, its toolchain is not installed`);
    else if (!validate(name, folder)) wrong.push(name);
  }
} finally {
  rmSync(home, { recursive: true, force: true });
}
console.log(wrong.length === 0 ? 'nothing was found' : `not good: ${wrong.join(', ')}`);
if (wrong.length > 0) process.exitCode = 1;
