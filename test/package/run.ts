import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, renameSync } from 'node:fs';
import path from 'node:path';
import { projectRoot, temporaryFolder } from '../support/fixtures.js';
import { HANG_MS } from '../support/hang.js';

/** Runs a command and returns what it printed; throws with all of its output if it fails. */
export function run(command: string, args: readonly string[], cwd: string, shell = false, variables: NodeJS.ProcessEnv = {}): string {
  // Node's flags of this test run are no consumer's.
  const env = { ...process.env, NODE_OPTIONS: '', ...variables };
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, shell, env, encoding: 'utf8', timeout: HANG_MS });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}\n${stdout}${stderr}`);
}

/** npm is a .cmd file on Windows, so it goes through the shell. It gets the certificates that jest.config.mjs keeps from everything else. */
export const npm = (line: string, cwd: string): string => run(`npm ${line}`, [], cwd, true, certificates());

function certificates(): NodeJS.ProcessEnv {
  const file = process.env.AISOPOD_TEST_CA_CERTS;
  return file === undefined ? {} : { NODE_EXTRA_CA_CERTS: file };
}

interface Packed {
  /** A temporary folder that holds `aisopod-plugin.tgz` and the consumers. */
  readonly folder: string;
  /** What is in the package, as paths from its root. */
  readonly files: readonly string[];
}

/** Packs what would be published, next to a copy of the consumers. dist/ is taken as it was built. */
export function pack(): Packed {
  if (!existsSync(path.join(projectRoot, 'dist/esm/index.mjs'))) throw new Error('dist/ is not built: run npm run build');
  const folder = temporaryFolder();
  cpSync(path.join(projectRoot, 'test/package/consumers'), folder, { recursive: true });
  // Without scripts: prepack would empty dist/ under the tests that run beside this one.
  const answer = npm(`pack "${projectRoot}" --json --ignore-scripts`, folder);
  const [packed] = JSON.parse(answer) as [{ filename: string; files: { path: string }[] }];
  renameSync(path.join(folder, packed.filename), path.join(folder, 'aisopod-plugin.tgz'));
  return { folder, files: packed.files.map((file) => file.path) };
}
