/** Hosts as people run them: each a program of its own that takes a plugin into a child, calls it and ends. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, transformSync } from 'esbuild';
import { copyFixture, projectRoot, temporaryFolder } from '../../support/fixtures.js';

const FINE = { status: 0, answer: JSON.stringify({ answer: { a: 1 }, state: 'active' }) };
const packagePath = (name: string): string => path.join(projectRoot, 'node_modules', name);
const childProgram = path.join(projectRoot, 'dist/isolation/child/main.js');

/** It takes the plugins' folder and perhaps `childEntry` as its arguments. */
const HOST = `import { PluginHost } from 'aisopod-plugin';
async function main(pluginDir: string, childEntry: string | undefined): Promise<void> {
  const processes = childEntry === undefined ? {} : { childEntry };
  const host = await PluginHost.open({ pluginDirs: [pluginDir], hostVersion: '1.0.0', stateDir: pluginDir + '/../state', processes });
  const { state, code, hint } = host.explain('good-c')!;
  const answer = await host.find('tool', 'echo')?.call({ a: 1 });
  console.log(JSON.stringify({ answer, state, code, hint }));
  await host.close();
}
void main(process.argv[2]!, process.argv[3]);
`;

/** A project with this package installed and nothing else; returns its real path. */
function project(): string {
  const folder = realpathSync(temporaryFolder());
  const installed = path.join(folder, 'node_modules/aisopod-plugin');
  mkdirSync(installed, { recursive: true });
  for (const part of ['dist', 'package.json']) cpSync(path.join(projectRoot, part), path.join(installed, part), { recursive: true });
  link(folder, dependencies(projectRoot));
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
  return folder;
}

/** What a package needs to run, and what that needs: under wine nothing shows that a link is one, so the needs of a linked package must lie beside the link. */
function dependencies(folder: string): string[] {
  const { dependencies: needed = {}, optionalDependencies: optional = {} } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Partial<Record<string, object>>;
  const names = Object.keys({ ...needed, ...optional }).filter((name) => existsSync(packagePath(name)));
  return [...new Set(names.flatMap((name) => [name, ...dependencies(packagePath(name))]))];
}

/** Installs packages by links. */
function link(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const target = path.join(folder, 'node_modules', name);
    mkdirSync(path.dirname(target), { recursive: true });
    symlinkSync(packagePath(name), target, 'junction');
  }
}

let plugins: string;
beforeAll(() => {
  plugins = path.join(temporaryFolder(), 'plugins');
  copyFixture('good-c', plugins);
});

function run(args: readonly string[], options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', ...options, env: { ...process.env, NODE_OPTIONS: '', ...options.env } });
  return { status, answer: stdout.trim(), stderr };
}

describe('as a script', () => {
  const host = (): string => {
    const file = path.join(project(), 'host.cjs');
    writeFileSync(file, transformSync(HOST, { loader: 'ts', format: 'cjs' }).code);
    return file;
  };

  test('from CommonJS, in another folder', () => {
    expect(run([host(), plugins], { cwd: temporaryFolder() })).toMatchObject(FINE);
  });

  test("with flags of Node's own, which are not the child's", () => {
    const args = ['--expose-gc', '--max-old-space-size=200', '--stack-trace-limit=5', host(), plugins];
    expect(run(args, { env: { NODE_OPTIONS: '--no-deprecation --max-semi-space-size=1' } })).toMatchObject(FINE);
  });

  test('in TypeScript, by tsx', () => {
    const file = path.join(project(), 'host.ts');
    writeFileSync(file, HOST);
    expect(run([packagePath('tsx/dist/cli.mjs'), file, plugins], { cwd: temporaryFolder() })).toMatchObject(FINE);
  });
});

describe.each([
  ['CommonJS', 'cjs', ''],
  ['ES modules', 'esm', "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"],
] as const)('as a bundle of %s', (_name, format, banner) => {
  /** A project with the bundle in it, at `dist/host`, and the folder that it was made in. */
  async function bundle(): Promise<{ readonly folder: string; readonly file: string }> {
    const folder = project();
    const file = path.join(folder, `dist/host.${format === 'cjs' ? 'cjs' : 'mjs'}`);
    writeFileSync(path.join(folder, 'host.ts'), HOST);
    await build({ entryPoints: [path.join(folder, 'host.ts')], outfile: file, bundle: true, platform: 'node', format, banner: { js: banner }, external: ['koffi'], logLevel: 'error' });
    return { folder, file };
  }

  /** The bundle where nothing but koffi is installed. */
  async function deployed(): Promise<string> {
    const { file } = await bundle();
    const folder = temporaryFolder();
    link(folder, ['koffi', ...dependencies(packagePath('koffi'))]);
    cpSync(file, path.join(folder, path.basename(file)));
    return path.join(folder, path.basename(file));
  }

  test('the program of a child is found where the package is installed beside it', async () => {
    const { file } = await bundle();
    expect(run([file, plugins], { cwd: temporaryFolder() })).toMatchObject(FINE);
  });

  test('elsewhere the refusal says what to give, and with childEntry it runs', async () => {
    const file = await deployed();
    expect(JSON.parse(run([file, plugins]).answer)).toEqual({
      state: 'refused',
      code: 'ERR_CHILD_PROCESS',
      hint: 'If the host is a bundle, set childEntry to the path of dist/isolation/child/main.js of aisopod-plugin.',
    });
    expect(run([file, plugins, childProgram])).toMatchObject(FINE);
  });

  test('a package in the folder that it is run in is none of its own: nothing of it is run', async () => {
    const strange = temporaryFolder();
    mkdirSync(path.join(strange, 'node_modules/aisopod-plugin'), { recursive: true });
    writeFileSync(path.join(strange, 'node_modules/aisopod-plugin/package.json'), '{ "exports": { "./child": "./child.js" } }');
    writeFileSync(path.join(strange, 'node_modules/aisopod-plugin/child.js'), "require('node:fs').writeFileSync(__dirname + '/ran', '')");
    const file = await deployed();
    expect(JSON.parse(run([file, plugins], { cwd: strange }).answer)).toMatchObject({ state: 'refused', code: 'ERR_CHILD_PROCESS' });
    // Also where something has made the path of the host's program relative.
    const relative = path.join(strange, 'relative.cjs');
    writeFileSync(relative, "process.argv[1] = 'relative.cjs';");
    expect(JSON.parse(run(['--require', relative, file, plugins], { cwd: strange }).answer)).toMatchObject({ state: 'refused', code: 'ERR_CHILD_PROCESS' });
    expect(existsSync(path.join(strange, 'node_modules/aisopod-plugin/ran'))).toBe(false);
  });
});
