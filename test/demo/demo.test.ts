import { beforeAll, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { projectRoot, temporaryFolder } from '../support/fixtures.js';

/** Every row of the table: the plugin's folder, its state, and its error code where it has one. */
function rowsOf(output: string): Record<string, string> {
  const rows = output.matchAll(/^(\S+) +(active|refused|failed|skipped) +(ERR_\w+)?/gm);
  return Object.fromEntries([...rows].map(([, name = '', state = '', code]) => [name, code === undefined ? state : `${state} ${code}`]));
}

const hasRust = existsSync(path.join(projectRoot, 'build/examples/hash'));
const temporary = temporaryFolder();
let output: string;

beforeAll(() => {
  // Not `npm run demo`: that empties dist/ under the tests that run beside this one. The rest is the same.
  const env = { ...process.env, NODE_OPTIONS: '', TMPDIR: temporary, TEMP: temporary, TMP: temporary };
  const { stdout, stderr, status } = spawnSync(process.execPath, ['scripts/demo/run.mjs'], { cwd: projectRoot, env, encoding: 'utf8' });
  output = stdout;
  if (status !== 0) throw new Error(`the demo ended with ${status}\n${stdout}${stderr}`);
});

test('the demo shows every plugin with its state, and the code of each that is not active', () => {
  expect(rowsOf(output)).toEqual({
    guard: 'active',
    hash: hasRust ? 'active' : 'skipped',
    'word-stats': 'active',
    'bad-abi-note': 'refused ERR_ABI_MISMATCH',
    'extra-undeclared': 'failed ERR_CAPABILITY_UNDECLARED',
    'init-fails': 'failed ERR_INIT_FAILED',
    'lib-prefix': 'refused ERR_LIBRARY_NOT_FOUND',
    'mistyped-key': 'refused ERR_MANIFEST',
    'needs-missing-library': 'refused ERR_MISSING_DEPENDENCY',
    'newer-host': 'refused ERR_VERSION_COMPATIBILITY',
    'no-create': 'refused ERR_MISSING_SYMBOL',
    'text-as-library': 'refused ERR_LIBRARY_FORMAT',
    truncated: 'refused ERR_LIBRARY_FORMAT',
    'word-stats-again': 'refused ERR_DUPLICATE_ID',
    'wrong-architecture': 'refused ERR_WRONG_ARCHITECTURE',
  });
});

test('it gives each refusal a hint', () => {
  expect(output.match(/ → /g)).toHaveLength(12);
});

test('it shows chunks, a veto, the output of a command and the end', () => {
  expect(output).toMatch(/chunk +4096 bytes, \d+ words so far\n +chunk +8192/);
  expect(output).toContain('vetoed by guard: the call seems to contain an access key id');
  expect(output).toContain('aws-access-key: an access key id of Amazon Web Services');
  expect(output).toContain('failed: 0');
  expect(output).toContain('Everything behaved as expected.');
});

test('it fits 100 columns, and has no colour where there is no terminal', () => {
  const [first = '', ...rest] = output.trimStart().split('\n');
  expect(first).toContain('A folder with'); // may be longer: it ends with a path of this machine
  expect(rest.filter((line) => line.length > 100)).toEqual([]);
  expect(output).not.toContain('\u001b');
});

test('it leaves no plugin folder behind', () => {
  expect(readdirSync(temporary)).toEqual([]);
});
