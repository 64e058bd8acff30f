import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { mcpPlugin, type McpPluginOptions } from '../../../src/mcp/index.js';
import type { PluginHost } from '../../../src/host/plugin-host.js';
import type { ToolContent } from '../../../src/capability/tool-content.js';
import { PluginRegistry } from '../../../src/registry/plugin-registry.js';
import { answerOf } from '../../support/child.js';
import { folderOf, projectRoot, temporaryFolder, testWhere } from '../../support/fixtures.js';
import { errorOf, until } from '../../support/host.js';
import { keepingLogger, open } from '../../host/host.js';
import { cliProgram } from '../connect.js';

const program = path.join(projectRoot, 'test/mcp/client/fixture-server.mjs');
const rawProgram = path.join(projectRoot, 'test/mcp/client/raw-server.mjs');
/** A slow machine needs longer to start Node. */
const timeouts = { register: 120_000 };
const isWindows = process.platform === 'win32';

function serverPlugin(era = 'both', log?: string, options: Partial<McpPluginOptions> = {}) {
  return mcpPlugin({ command: process.execPath, args: [program, era, ...(log === undefined ? [] : [log])], id: 'fixture', restart: { firstPauseMs: 1, most: 3 }, ...options });
}

async function openFixture(era?: string, log?: string, options?: Partial<McpPluginOptions>): Promise<PluginHost> {
  const host = await open({ plugins: [serverPlugin(era, log, options)], timeouts });
  expect(host.report()).toMatchObject([{ id: 'fixture', state: 'active' }]);
  return host;
}

const call = (host: PluginHost, name: string, params: unknown = {}, options = {}): Promise<unknown> => host.find('tool', name)!.call(params, { timeoutMs: 120_000, ...options });
const said = (text: string) => ({ content: [{ type: 'text', text }] });
const stateOf = (host: PluginHost): string | undefined => host.explain('fixture')?.state;
const pidsIn = (log: string): string[] => readFileSync(log, 'utf8').match(/started \d+/g) ?? [];

describe.each(['legacy', 'modern', 'both'])('a server of the era %s', (era) => {
  test('its tools are tools of the host', async () => {
    const host = await openFixture(era);
    expect(host.tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['say', 'sum', 'dotted_name']));
    expect(host.find('tool', 'say')).toMatchObject({ pluginId: 'fixture', description: 'does say', parameters: { required: ['word'] } });
    expect(host.find('tool', 'sum')).toMatchObject({ title: 'Sum', annotations: { readOnlyHint: true }, outputSchema: { required: ['sum'] }, result: 'content' });
    expect(await call(host, 'say', { word: 'hi' })).toEqual(said('hi!'));
    expect(await call(host, 'sum', { a: 1, b: 2 })).toEqual({ ...said('3'), structuredContent: { sum: 3 } });
    expect(await call(host, 'dotted_name')).toEqual(said('dotted'));
    expect(await call(host, 'picture')).toEqual({ content: [expect.objectContaining({ type: 'image', data: 'AAAA', mimeType: 'image/png' })] });
    expect(await call(host, 'link')).toEqual({ content: [{ type: 'resource_link', uri: 'https://example.com/', name: 'page', title: 'a page' }] });
  });

  test('it is told when a call is cancelled', async () => {
    const log = path.join(temporaryFolder(), 'log');
    const host = await openFixture(era, log);
    const stop = new AbortController();
    const waiting = errorOf(call(host, 'wait', {}, { signal: stop.signal }));
    await until(() => readFileSync(log, 'utf8').includes('waiting'));
    stop.abort();
    expect(await waiting).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
    await until(() => readFileSync(log, 'utf8').includes('cancelled'));
  });
});

test('parameters are checked before the server gets them; an error of a tool is an answer', async () => {
  const host = await openFixture();
  expect(await errorOf(call(host, 'say', { word: 1 }))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS', pointer: '/word' });
  expect(await call(host, 'fail')).toEqual({ ...said('as it was told'), isError: true });
});

test('answers are checked against the output schema by the host, within its time limit; lines that are not of the protocol are skipped', async () => {
  const host = await open({ plugins: [mcpPlugin({ command: process.execPath, args: [rawProgram], id: 'raw' })], timeouts });
  expect(await call(host, 'right')).toEqual({ ...said('3'), structuredContent: { sum: 3 } });
  expect(await errorOf(call(host, 'wrong'))).toMatchObject({ code: 'ERR_INVALID_REPLY', expected: 'a number at structuredContent/sum', found: '"3"' });
  expect(await errorOf(call(host, 'absent'))).toMatchObject({ code: 'ERR_INVALID_REPLY' });
  expect(await call(host, 'sorry')).toEqual({ ...said('no'), isError: true });
  expect(await errorOf(call(host, 'slow'))).toMatchObject({ code: 'ERR_INVALID_REPLY', expected: 'schema validation to finish at structuredContent' });
  expect(await call(host, 'loud')).toEqual(said('loud'));
  expect(host.explain('raw')).toMatchObject({ state: 'active', events: [] });
});

test('a tool with a schema that is none is refused by its name, and the others can be used without it', async () => {
  const odd = { command: process.execPath, args: [rawProgram, 'odd'], id: 'raw' };
  const refused = await open({ plugins: [mcpPlugin(odd)], timeouts });
  expect(refused.explain('raw')).toMatchObject({ state: 'failed', code: 'ERR_CAPABILITY_INVALID', message: expect.stringContaining('tool "odd"') });
  const host = await open({ plugins: [mcpPlugin({ ...odd, toolName: (name) => (name === 'odd' ? undefined : name) })], timeouts });
  expect(host.explain('raw')).toMatchObject({ state: 'active' });
  expect(await call(host, 'right')).toMatchObject({ structuredContent: { sum: 3 } });
});

test('progress arrives as progress', async () => {
  const host = await openFixture();
  const reports: unknown[] = [];
  expect(await call(host, 'count', {}, { onProgress: (each: unknown) => void reports.push(each) })).toEqual(said('counted'));
  expect(reports).toEqual([1, 2, 3].map((progress) => ({ progress, total: 3, message: `step ${progress}` })));
});

test.each(['legacy', 'modern'])('of the context of a call, a server gets the trace and nothing else: %s', async (era) => {
  const host = await openFixture(era);
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const given = async (options: object): Promise<string> => ((await call(host, 'trace', {}, options)) as ToolContent).content.map((block) => block.text).join('');
  const seen = await given({ context: { traceparent, userId: 'hush', agentId: 'hush', own: { secret: 'hush' } }, onProgress: () => undefined });
  expect(JSON.parse(seen)).toMatchObject({ traceparent, progressToken: expect.anything() });
  expect(seen).not.toContain('hush');
  expect(JSON.parse(await given({ context: { userId: 'hush' } }))).not.toHaveProperty('traceparent');
});

test('what the server prints to standard error, and what it logs, is in the log under the id of the plugin', async () => {
  const { lines, logger } = keepingLogger();
  const host = await open({ plugins: [serverPlugin()], timeouts, logger });
  await call(host, 'log');
  const ofPlugin = () => lines.filter(({ fields }) => fields?.pluginId === 'fixture').map(({ level, message }) => `${level}: ${message}`);
  await until(() => ofPlugin().includes('warn: from the server'));
});

test('it gets no environment variables but the usual ones and those that it is given', async () => {
  process.env.AISOPOD_TEST_SECRET = 'secret';
  process.env.AISOPOD_TEST_PASSED = 'passed';
  const host = await openFixture('both', undefined, { env: { AISOPOD_TEST_GIVEN: 'given' }, inheritEnv: ['AISOPOD_TEST_PASSED'] });
  const environment = JSON.parse(((await call(host, 'environment')) as ToolContent).content.map((block) => block.text).join('')) as Record<string, string>;
  expect(environment).toMatchObject({ AISOPOD_TEST_GIVEN: 'given', AISOPOD_TEST_PASSED: 'passed', PATH: process.env.PATH });
  expect(environment).not.toHaveProperty('AISOPOD_TEST_SECRET');
  expect(environment).not.toHaveProperty('AISOPOD_PLUGIN_CHILD');
});

describe('a server that ends', () => {
  test.each([
    ['crash', /exited with code 7/],
    ['kill', isWindows ? /exited with code 1\b/ : /was killed by SIGKILL/],
  ])('%s: the call fails, and the next one goes to a new process', async (tool, reason) => {
    const log = path.join(temporaryFolder(), 'log');
    const host = await openFixture('both', log);
    const states: string[] = [];
    host.on('state', ({ state }) => void states.push(state));
    expect(await errorOf(call(host, tool))).toMatchObject({ code: 'ERR_PLUGIN_CRASHED', reason: expect.stringMatching(reason), during: `tool ${tool}` });
    expect(await call(host, 'say', { word: 'again' })).toEqual(said('again!'));
    await until(() => stateOf(host) === 'active');
    expect(states).toEqual(['restarting', 'active']);
    expect(pidsIn(log)).toHaveLength(2);
    expect(host.explain('fixture')?.events.map(({ message }) => message)).toEqual([expect.stringMatching(reason)]);
  });

  test('too often: it is quarantined, until it is enabled again', async () => {
    const host = await openFixture('both', undefined, { restart: { firstPauseMs: 1, most: 1 } });
    await errorOf(call(host, 'crash'));
    await until(() => stateOf(host) === 'active');
    await errorOf(call(host, 'crash'));
    await until(() => stateOf(host) === 'quarantined');
    expect(await errorOf(call(host, 'say', { word: 'no' }))).toMatchObject({ code: 'ERR_PLUGIN_CLOSED' });
    expect(await host.enable('fixture')).toMatchObject({ state: 'active' });
    expect(await call(host, 'say', { word: 'yes' })).toEqual(said('yes!'));
  });

  testWhere(!isWindows, 'Windows: a process that is killed has an exit code, like one that crashes')('by SIGKILL, which no bug of a server sends: it is not blamed, however often', async () => {
    const host = await openFixture('both', undefined, { restart: { firstPauseMs: 1, most: 1 } });
    for (let i = 0; i < 3; i++) await errorOf(call(host, 'kill'));
    expect(await call(host, 'say', { word: 'still' })).toEqual(said('still!'));
    expect(stateOf(host)).toBe('active');
  });

  testWhere(!isWindows, 'Windows has no SIGCHLD')('where something else in the process takes SIGCHLD: it is told, and the next call goes to a new process', async () => {
    const seen = await answerOf(`
      const { mcpPlugin } = require(${JSON.stringify(path.join(projectRoot, 'dist/mcp/index.js'))});
      const options = { id: 'fixture', command: process.execPath, args: [${JSON.stringify(program)}] };
      const host = await aisopod.PluginHost.open({ hostVersion: '1.0.0', pluginDirs: [], dataDir: ${JSON.stringify(temporaryFolder())}, quarantine: false, plugins: [mcpPlugin(options)] });
      require('koffi').load(null).func('signal', 'uintptr_t', ['int', 'uintptr_t'])(require('node:os').constants.signals.SIGCHLD, 1);
      const { code } = await host.find('tool', 'crash').call({}).catch((error) => error);
      const again = await host.find('tool', 'say').call({ word: 'again' });
      await host.close();
      console.log(JSON.stringify([code, again]));`);
    expect(seen).toEqual(['ERR_PLUGIN_CRASHED', said('again!')]);
  });

  test('one that hangs is killed after the deadline of its call', async () => {
    const host = await openFixture('both', undefined, { graceMs: 200 });
    expect(await errorOf(call(host, 'hang', {}, { timeoutMs: 200 }))).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT' });
    expect(await call(host, 'say', { word: 'again' })).toEqual(said('again!'));
    expect(host.explain('fixture')?.events.map(({ message }) => message)).toEqual([expect.stringContaining('did not answer within 200 ms after the deadline of tool hang')]);
  });

  test('one that waits, but answers a ping, is left running', async () => {
    const log = path.join(temporaryFolder(), 'log');
    const host = await openFixture('both', log, { graceMs: 60_000 });
    expect(await errorOf(call(host, 'wait', {}, { timeoutMs: 100 }))).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT' });
    expect(await call(host, 'say', { word: 'still' })).toEqual(said('still!'));
    expect(pidsIn(log)).toHaveLength(1);
  });
});

test('its process ends when the plugin is disabled, and when the host is closed', async () => {
  const log = path.join(temporaryFolder(), 'log');
  const host = await openFixture('both', log);
  const isGone = (started: string | undefined): boolean => {
    try {
      process.kill(Number(started?.split(' ')[1]), 0);
      return false;
    } catch {
      return true;
    }
  };
  await host.disable('fixture');
  await until(() => isGone(pidsIn(log)[0]));
  await host.enable('fixture');
  await host.close();
  await until(() => isGone(pidsIn(log)[1]));
});

test('tools that change later are reported', async () => {
  const host = await openFixture();
  await call(host, 'grow');
  await until(() => host.explain('fixture')?.events.some(({ message }) => message.includes('its tools have changed')) === true);
  expect(host.find('tool', 'grown')).toBeUndefined();
});

test('toolName renames tools and leaves others out', async () => {
  const host = await openFixture('both', undefined, { toolName: (name) => (name === 'say' || name === 'sum' ? `their_${name}` : undefined) });
  expect(host.tools.map(({ name }) => name)).toEqual(['their_say', 'their_sum']);
  expect(await call(host, 'their_say', { word: 'hi' })).toEqual(said('hi!'));
});

describe('what cannot be started', () => {
  test.each([
    [{ command: 'no-such-program' }, 'ERR_CHILD_PROCESS', /ENOENT/],
    [{ command: process.execPath, args: ['-e', 'process.exit(3)'] }, 'ERR_LIFECYCLE_CRASHED', /exited with code 3/],
    [{ command: process.execPath, args: ['-e', 'console.log("no protocol")'] }, 'ERR_LIFECYCLE_CRASHED', /exited with code 0/],
  ])('%j', async (options, code, message) => {
    const host = await open({ plugins: [mcpPlugin({ id: 'broken', ...options })], timeouts });
    expect(host.report()).toMatchObject([{ state: 'failed', step: expect.any(String), code, message: expect.stringMatching(message) }]);
  });

  test('options that cannot be used', () => {
    const thrown = (options: object): unknown => {
      try {
        return mcpPlugin(options as McpPluginOptions);
      } catch (error) {
        return error;
      }
    };
    expect(thrown({})).toMatchObject({ code: 'ERR_OPTIONS', option: 'command' });
    expect(thrown({ command: 'x', arg: [] })).toMatchObject({ code: 'ERR_OPTIONS', option: 'arg', nearest: 'args' });
    expect(thrown({ command: 'x', env: { A: 1 } })).toMatchObject({ code: 'ERR_OPTIONS', option: 'env.A' });
  });
});

test('it works in a registry without a host', async () => {
  await using registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir: path.join(temporaryFolder(), 'data') });
  await registry.register(serverPlugin());
  await registry.init('fixture');
  expect(await registry.tool('say')?.call({ word: 'hi' })).toEqual(said('hi!'));
  await errorOf(registry.tool('crash')?.call({}));
  expect(await registry.tool('say')?.call({ word: 'again' })).toEqual(said('again!'));
  expect(registry.stateOf('fixture')).toMatchObject({ state: 'active' });
});

test('there and back: the tools of a native plugin, through our own command', async () => {
  const args = [cliProgram, 'mcp', '--dir', folderOf('good-c'), '--data-dir', temporaryFolder()];
  const host = await open({ plugins: [mcpPlugin({ command: process.execPath, args, id: 'mirror' })], timeouts });
  expect(await call(host, 'echo', { a: ['ä'] })).toEqual({ ...said('{"a":["ä"]}'), structuredContent: { a: ['ä'] } });
  expect(await call(host, 'fail')).toMatchObject({ isError: true });
});
