/** `cp` over the file of a library that a process has mapped, because it runs from its folder, spoils what the system's loader reads when it opens another one. */
import { describe, expect } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { compilePlugin } from '../support/compile-plugin.js';
import { copyFixture, projectRoot, temporaryFolder, testWhere } from '../support/fixtures.js';
import { open } from './host.js';

const testOnLinux = testWhere(process.platform === 'linux', 'glibc reads the names of mapped libraries');

const ANSWER = 'static int32_t answer(void *s, const aisopod_request *q, aisopod_reply *r) { (void)s; (void)q; return aisopod_reply_json(r, RELEASE); }';

/** Two releases of a plugin; only the first is installed. */
function releases(flags: readonly string[]): { readonly plugins: string; readonly installed: string; readonly next: string } {
  const [plugins, store] = [temporaryFolder(), temporaryFolder()];
  const build = (folder: string, release: number): string =>
    path.join(compilePlugin(folder, 'named', { source: ANSWER, flags: [...flags, `-DRELEASE="${release}"`] }), 'libnamed.so');
  return { plugins, installed: build(plugins, 1), next: build(store, 2) };
}

/** All plugins run from their folders. */
const updates = { maxFirstCopyBytes: 0 };

const SONAME = ['-Wl,-soname,libnamed.so'];

const HOST = `import { copyFileSync } from 'node:fs';
import { PluginHost } from '${pathToFileURL(path.join(projectRoot, 'dist/index.js')).href}';
const [plugins, installed, next] = process.argv.slice(2);
const host = await PluginHost.open({ hostVersion: '1.0.0', pluginDirs: [plugins], isolation: 'in-process', updates: { maxFirstCopyBytes: 0 }, stateDir: import.meta.dirname + '/state', dataDir: import.meta.dirname + '/data' });
await host.disable('named');
copyFileSync(next, installed);
const { state, code } = await host.enable('named').catch((error) => error);
const answer = await host.find('tool', 'named')?.call({});
await host.close();
console.log(JSON.stringify({ state, code, answer }));
`;

describe.each([
  ['with a SONAME is refused', SONAME, { state: 'refused', code: 'ERR_LIBRARY_MAPPED' }],
  ['without one runs', [], { state: 'active', answer: 2 }],
] as const)('in-process, what was copied over a library %s', (_what, flags, expected) => {
  testOnLinux('and the host ends with its own exit code', () => {
    const { plugins, installed, next } = releases(flags);
    const program = path.join(temporaryFolder(), 'host.mjs');
    writeFileSync(program, HOST);
    const { status, signal, stdout } = spawnSync(process.execPath, [program, plugins, installed, next], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
    expect([status, signal]).toEqual([0, null]);
    expect(JSON.parse(stdout)).toEqual(expected);
  });
});

testOnLinux('in a shared child it is refused, and the neighbour goes on', async () => {
  const { plugins, installed, next } = releases(SONAME);
  copyFixture('good-c', plugins);
  const host = await open({ pluginDirs: [plugins], updates, isolation: { process: 'shared' } });
  await host.disable('named');
  copyFileSync(next, installed);
  await host.enable('named').catch(() => undefined);
  expect(host.explain('named')).toMatchObject({ state: 'refused', code: 'ERR_LIBRARY_MAPPED', hint: expect.stringContaining('Restart that process') });
  expect(host.explain('good-c')).toMatchObject({ state: 'active' });
  // Once the child has ended, another one opens the new files.
  await host.disable('good-c');
  expect(await host.enable('named')).toMatchObject({ state: 'active' });
  expect(await host.find('tool', 'named')?.call({})).toBe(2);
});

describe('after the library of a plugin was disturbed, a shared child', () => {
  async function enableAnother(disturb: (file: string) => void) {
    const { plugins, installed } = releases(SONAME);
    copyFixture('good-c', plugins);
    const host = await open({ pluginDirs: [plugins], updates, isolation: { process: 'shared' }, disabled: ['good-c'] });
    disturb(installed);
    await host.enable('good-c').catch(() => undefined);
    return host;
  }

  testOnLinux('opens other libraries if it was only touched', async () => {
    const host = await enableAnother((file) => utimesSync(file, 1, 1));
    expect(host.explain('good-c')).toMatchObject({ state: 'active' });
    await host.disable('named');
    expect(await host.enable('named')).toMatchObject({ state: 'active' });
    expect(await host.find('tool', 'named')?.call({})).toBe(1);
  });

  testOnLinux('opens none if the same bytes were copied over it: its relocated pages are lost', async () => {
    const host = await enableAnother((file) => writeFileSync(file, readFileSync(file)));
    expect(host.explain('good-c')).toMatchObject({ state: 'refused', code: 'ERR_LIBRARY_MAPPED' });
    expect(host.explain('named')).toMatchObject({ state: 'active' });
  });
});

testOnLinux('in-process, a library that was only touched hinders no other', async () => {
  const { plugins, installed } = releases(SONAME);
  copyFixture('crasher', plugins);
  const host = await open({ pluginDirs: [plugins], updates, disabled: ['crasher'] });
  utimesSync(installed, 1, 1);
  expect(await host.enable('crasher')).toMatchObject({ state: 'active' });
});

/** `next` is copied over the library that runs, as cp does. */
const UPDATING = (action: string): string => `import { copyFileSync } from 'node:fs';
import { PluginHost } from '${pathToFileURL(path.join(projectRoot, 'dist/index.js')).href}';
const [plugins, installed, next] = process.argv.slice(2);
const warnings = [];
const logger = { debug() {}, info() {}, warn: (message) => warnings.push(message), error: (message) => warnings.push(message) };
const host = await PluginHost.open({ hostVersion: '1.0.0', pluginDirs: [plugins], isolation: 'in-process', updates: { maxFirstCopyBytes: 0 }, stateDir: import.meta.dirname + '/state', dataDir: import.meta.dirname + '/data', logger });
const tool = host.find('tool', 'named');
const before = await tool.call({});
copyFileSync(next, installed);
${action}
`;

describe('in-process, a plugin whose library was overwritten while it ran', () => {
  const run = (flags: readonly string[], action: string): { readonly end: unknown; readonly answer: unknown } => {
    const { plugins, installed, next } = releases(flags);
    const program = path.join(temporaryFolder(), 'host.mjs');
    writeFileSync(program, UPDATING(action));
    const { status, signal, stdout } = spawnSync(process.execPath, [program, plugins, installed, next], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
    return { end: [status, signal], answer: stdout === '' ? undefined : JSON.parse(stdout) };
  };
  const UPDATE = `const result = await host.update('named');
    const after = await tool.call({}).catch((error) => error.code);
    while (host.explain('named').otherGenerations !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    const { state, lastUpdate, keptLibraries = [] } = host.explain('named');
    const { failed } = await host.close();
    console.log(JSON.stringify({ before, outcome: result.outcome, code: result.error?.code, after, state, keptLibraries, failed, warning: warnings[0] }));`;

  testOnLinux('is updated, and none of its functions is called any more', () => {
    const { end, answer } = run([], UPDATE);
    expect(end).toEqual([0, null]);
    const keptLibraries = [expect.stringContaining('was overwritten')];
    expect(answer).toMatchObject({ before: 1, outcome: 'updated', after: 2, state: 'active', keptLibraries, failed: [], warning: expect.stringContaining('was overwritten while it was in use') });
  });

  testOnLinux('refuses calls if the update is refused', () => {
    const { end, answer } = run(SONAME, UPDATE);
    expect(end).toEqual([0, null]);
    expect(answer).toMatchObject({ before: 1, outcome: 'refused', code: 'ERR_LIBRARY_MAPPED', after: 'ERR_PLUGIN_CLOSED', state: 'failed', failed: [] });
  });

  for (const end of ['host.disable("named")', 'host.close()']) testOnLinux(`is not shut down by ${end}`, () => {
    expect(run([], `await ${end}; await host.close(); console.log(JSON.stringify({ before, state: host.explain('named').state }));`)).toEqual({
      end: [0, null],
      answer: { before: 1, state: end.includes('disable') ? 'disabled' : 'retired' },
    });
  });
});
