/** The package as npm would publish it, installed in fresh folders. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureReady } from '../setup.mjs';
import { ROOT, run } from './steps.mjs';

const ANSWERS = JSON.stringify({ 'in-process': { text: 'hé' }, process: { text: 'hé' } });

/** Builds and packs this checkout. Returns the path of the tarball. */
export async function pack() {
  await ensureReady({ fixtures: true });
  const folder = mkdtempSync(join(tmpdir(), 'aisopod-packed-'));
  run('npm', ['pack', ROOT, '--ignore-scripts', '--silent'], { cwd: folder });
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')));
}

/** A new project with the tarball, the consumers of test/package and `packages` installed, and a plugin. */
export function project(tarball, packages = []) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aisopod-consumer-')));
  cpSync(join(ROOT, 'test/package/consumers'), folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  run('npm', ['install', '--no-audit', '--no-fund', '--silent', tarball, ...packages], { cwd: folder });
  cpSync(join(ROOT, 'build/fixtures/good-c'), join(folder, 'plugins/good-c'), { recursive: true });
  mkdirSync(join(folder, 'state'), { mode: 0o700 });
  return folder;
}

/** The environment of a consumer in `folder`. */
export const consumerEnv = (folder, processes = {}) => ({
  CONSUMER_OPTIONS: JSON.stringify({ pluginDirs: [join(folder, 'plugins')], dataDir: join(folder, 'data'), stateDir: join(folder, 'state'), processes }),
});

/** Runs a consumer that prints the answers of its host, and ends by itself. @throws Error */
export function requireAnswers(command, args, folder, env = consumerEnv(folder)) {
  const printed = run(command, args, { cwd: folder, env, timeoutMs: 120_000 }).trim();
  if (printed !== ANSWERS) throw new Error(`${command} ${args.join(' ')}: expected ${ANSWERS}, found ${printed}`);
}
