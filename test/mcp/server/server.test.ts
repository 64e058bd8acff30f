import { describe, expect, test } from '@jest/globals';
import type { HookReply } from '../../../src/capability/kinds/hook.js';
import { definePlugin } from '../../../src/plugin/define-plugin.js';
import { createMcpServer } from '../../../src/mcp/index.js';
import { crashWords } from '../../support/crash.js';
import { folderOf } from '../../support/fixtures.js';
import { errorOf, pause, until } from '../../support/host.js';
import { open, plain } from '../../host/host.js';
import { connectTo, ERAS, textOf } from '../connect.js';

const HOMES = ['in-process', 'process'] as const;

test.each([
  [null, 'options'],
  [5, 'options'],
  [{ input: 5 }, 'input'],
  [{ output: 'x' }, 'output'],
  [{ inptu: process.stdin }, 'inptu'],
])('serveStdio(%j) is refused', async (streams, option) => {
  const server = await createMcpServer(await open());
  await expect(server.serveStdio(streams as never)).rejects.toMatchObject({ code: 'ERR_OPTIONS', option });
  await server.close();
});

describe.each(HOMES)('a plugin with isolation %s', (isolation) => {
  test.each(ERAS)('its tools are listed and called (%s era)', async (era) => {
    const host = await open({ isolation, pluginDirs: [folderOf('good-c')] });
    await using server = await createMcpServer(host);
    const client = await connectTo(server, era);
    expect(client.getServerVersion()).toMatchObject({ name: 'aisopod-plugin' });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual(host.tools.map(({ name }) => name).sort());
    expect(tools.find(({ name }) => name === 'echo')).toMatchObject({ description: 'A test tool', inputSchema: { type: 'object' } });
    const result = await client.callTool({ name: 'echo', arguments: { words: ['ä', 1, null] } });
    expect(result).toMatchObject({ structuredContent: { words: ['ä', 1, null] } });
    expect(JSON.parse(textOf(result))).toEqual({ words: ['ä', 1, null] });
    expect(result.isError).toBeUndefined();
  });

  test.each(ERAS)('what a tool fails with is a result that the model reads (%s era)', async (era) => {
    const host = await open({ isolation, pluginDirs: [folderOf('good-c')] });
    await using server = await createMcpServer(host);
    const client = await connectTo(server, era);
    const failed = await client.callTool({ name: 'fail', arguments: {} });
    expect(failed).toMatchObject({ isError: true, _meta: { 'aisopod-plugin/code': 'ERR_INVOCATION_FAILED' } });
    expect(textOf(failed)).toContain('tool fail failed');
    await expect(client.callTool({ name: 'no_such_tool' })).rejects.toMatchObject({ code: -32602 });
    expect(textOf(await client.callTool({ name: 'echo', arguments: {} }))).toBe('{}');
  });

  test('chunks are progress where the client asks for it, and else log messages', async () => {
    const host = await open({ isolation, pluginDirs: [folderOf('good-c')] });
    await using server = await createMcpServer(host);
    const client = await connectTo(server);
    const logged: unknown[] = [];
    client.setNotificationHandler('notifications/message', ({ params }) => void logged.push(params.data));
    const progress: number[] = [];
    await client.callTool({ name: 'stream', arguments: { count: 3 } }, { onprogress: (each) => void progress.push(each.progress) });
    expect(progress).toEqual([1, 2, 3]);
    expect(logged).toEqual([]);
    await client.callTool({ name: 'stream', arguments: { count: 2 } });
    expect(logged).toHaveLength(2);
  });

  test.each(ERAS)('a cancelled call is cancelled in the plugin (%s era)', async (era) => {
    const host = await open({ isolation, pluginDirs: [folderOf('cancel-count')] });
    await using server = await createMcpServer(host);
    const client = await connectTo(server, era);
    const stop = new AbortController();
    const call = client.callTool({ name: 'work', arguments: { ms: 600_000 } }, { signal: stop.signal, timeout: 900_000 });
    call.catch(() => undefined);
    while (((await client.callTool({ name: 'counts' })).structuredContent as { entered: number }).entered === 0) await pause(5);
    stop.abort();
    await expect(call).rejects.toBeDefined();
    // The plugin has one thread, so the next call waits for the end of the cancelled one.
    expect((await client.callTool({ name: 'work', arguments: { ms: 0 } })).isError).toBeUndefined();
  });
});

test('parameters that do not fit the schema are refused with a result', async () => {
  const strict = definePlugin({
    id: 'strict',
    register: (api) => api.registerTool({ name: 'strict', parameters: { type: 'object', required: ['n'], properties: { n: { type: 'number' } } }, call: (params) => params }),
  });
  const host = await open({ plugins: [strict] });
  await using server = await createMcpServer(host);
  const client = await connectTo(server);
  const refused = await client.callTool({ name: 'strict', arguments: { n: 'one' } });
  expect(refused).toMatchObject({ isError: true, _meta: { 'aisopod-plugin/code': 'ERR_INVALID_PARAMETERS' } });
  expect(textOf(refused)).toContain('/n');
});

test.each([
  ['text', 'text', undefined],
  [['a', 1], '["a",1]', undefined],
  [null, 'null', undefined],
  [{ a: 1 }, '{"a":1}', { a: 1 }],
])('the answer %j', async (answer, text, structuredContent) => {
  const host = await open({ plugins: [definePlugin({ id: 'p', register: (api) => api.registerTool({ name: 't', call: () => answer }) })] });
  await using server = await createMcpServer(host);
  const result = await (await connectTo(server)).callTool({ name: 't' });
  expect([textOf(result), result.structuredContent]).toEqual([text, structuredContent]);
});

test.each(ERAS)('clients are told when the tools change, and only then (%s era)', async (era) => {
  const host = await open({ plugins: [plain('first'), plain('second'), definePlugin({ id: 'no-tools', register: () => undefined })] });
  await using server = await createMcpServer(host);
  let told = 0;
  const client = await connectTo(server, era, { listChanged: { tools: { autoRefresh: false, onChanged: () => void told++ } } });
  const names = async (): Promise<string[]> => (await client.listTools(undefined, { cacheMode: 'refresh' })).tools.map(({ name }) => name);
  expect(await names()).toEqual(['first', 'second']);
  await host.disable('no-tools');
  await host.disable('second');
  await until(() => told === 1);
  expect(await names()).toEqual(['first']);
  await host.enable('second');
  await until(() => told === 2);
  expect(await names()).toEqual(['first', 'second']);
});

describe('hooks', () => {
  const guard = (reply: HookReply, seen: unknown[] = []) =>
    definePlugin({
      id: 'guard',
      register(api) {
        api.registerHook({ name: 'BeforeToolExecute', handle: (data) => (void seen.push(data), reply) });
        api.registerHook({ name: 'AfterToolExecute', handle: (data) => void seen.push(data) });
      },
    });
  const echo = definePlugin({ id: 'echo', register: (api) => api.registerTool({ name: 'echo', call: (params) => params }) });

  test('are told of each call before and after it', async () => {
    const seen: unknown[] = [];
    const host = await open({ plugins: [guard({ action: 'continue' }, seen), echo] });
    await using server = await createMcpServer(host);
    await (await connectTo(server)).callTool({ name: 'echo', arguments: { a: 1 } });
    await until(() => seen.length === 2);
    const call = { tool: 'echo', pluginId: 'echo', params: { a: 1 }, callId: expect.any(String) };
    expect(seen).toEqual([call, { ...call, result: { a: 1 }, durationMs: expect.any(Number) }]);
  });

  test('may veto a call, or replace its parameters', async () => {
    const vetoing = await createMcpServer(await open({ plugins: [guard({ action: 'veto', reason: 'no numbers' }), echo] }));
    const vetoed = await (await connectTo(vetoing)).callTool({ name: 'echo', arguments: { a: 1 } });
    expect(vetoed).toMatchObject({ isError: true, _meta: { 'aisopod-plugin/code': 'ERR_CALL_DENIED' } });
    expect(textOf(vetoed)).toBe('tool echo was not called: plugin guard vetoed it: no numbers');
    const replacing = await createMcpServer(await open({ plugins: [guard({ action: 'replace', value: { params: { b: 2 } } }), echo] }));
    expect(await (await connectTo(replacing)).callTool({ name: 'echo', arguments: { a: 1 } })).toMatchObject({ structuredContent: { b: 2 } });
    await Promise.all([vetoing.close(), replacing.close()]);
  });
});

test('only the tools that are offered are seen, and may be called', async () => {
  const host = await open({ plugins: [plain('open'), plain('hidden')] });
  await using server = await createMcpServer(host, { offers: ({ name }) => name !== 'hidden', name: 'mine', version: '2.3.4', instructions: 'Use open.' });
  const client = await connectTo(server);
  expect(client.getServerVersion()).toMatchObject({ name: 'mine', version: '2.3.4' });
  expect(client.getInstructions()).toBe('Use open.');
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['open']);
  await expect(client.callTool({ name: 'hidden' })).rejects.toMatchObject({ code: -32602 });
});

test.each<[string, () => unknown]>([
  ['promises something', () => Promise.resolve(true)],
  ['answers something else', () => 'yes'],
  ['throws', () => { throw new Error('lost'); }],
])('no tool is offered by a function that %s, also after plugins have changed', async (_what, offers) => {
  const host = await open({ plugins: [plain('open')] });
  await using server = await createMcpServer(host, { offers: offers as () => boolean });
  const client = await connectTo(server);
  await host.disable('open');
  await host.enable('open');
  expect((await client.listTools()).tools).toEqual([]);
  await expect(client.callTool({ name: 'open' })).rejects.toMatchObject({ code: -32602 });
});

test('a plugin that crashes, hangs and is restarted, under one session', async () => {
  const processes = { graceMs: 100, restart: { firstPauseMs: 1, most: 100 } };
  const host = await open({ isolation: 'process', pluginDirs: [folderOf('crasher', 'prints')], processes });
  await using server = await createMcpServer(host, { timeoutMs: 1_000 });
  const client = await connectTo(server);
  const call = (fault: string) => client.callTool({ name: 'worker', arguments: { fault } });
  const survives = async (): Promise<void> => {
    // A restarted process answers; until then calls wait.
    while ((await call('none')).isError === true) await pause(5);
    for (;;) {
      const other = await client.callTool({ name: 'print' });
      // On a busy machine the call may take longer than the server waits.
      if (other._meta?.['aisopod-plugin/code'] === 'ERR_INVOCATION_TIMEOUT') continue;
      return expect(textOf(other)).toContain('printed');
    }
  };
  // On a busy machine the end of a process may be seen after the call's deadline.
  const crash = async () => {
    for (;;) {
      const result = await call('segv');
      if (result._meta?.['aisopod-plugin/code'] !== 'ERR_INVOCATION_TIMEOUT') return result;
      await survives();
    }
  };
  await survives();
  const crashed = await crash();
  expect(crashed).toMatchObject({ isError: true, _meta: { 'aisopod-plugin/code': 'ERR_PLUGIN_CRASHED' } });
  expect(textOf(crashed)).toMatch(crashWords('SIGSEGV'));
  await survives();
  expect(await call('spin')).toMatchObject({ isError: true, _meta: { 'aisopod-plugin/code': 'ERR_INVOCATION_TIMEOUT' } });
  await until(() => host.explain('crasher')?.events.some(({ message }) => message.includes('killed')) === true);
  await survives();
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['worker', 'print']));
});

test('what is closed is closed, and its host goes on', async () => {
  const host = await open({ plugins: [plain('first')] });
  const server = await createMcpServer(host);
  const client = await connectTo(server);
  await server.close();
  await expect(client.callTool({ name: 'first' }, { timeout: 2_000 })).rejects.toBeDefined();
  expect(await host.find('tool', 'first')?.call({})).toEqual({});
  expect(host.listenerCount('state')).toBe(0);
});

test('what is no host, and unknown options, are refused', async () => {
  const host = await open({ plugins: [] });
  expect(await errorOf(createMcpServer({} as never))).toMatchObject({ code: 'ERR_OPTIONS', option: 'host' });
  expect(await errorOf(createMcpServer(host, { timeout: 1 } as never))).toMatchObject({ code: 'ERR_OPTIONS', option: 'timeout', nearest: 'timeoutMs' });
});

describe('what a tool registers beside its parameters', () => {
  const full = definePlugin({
    id: 'full',
    register(api) {
      api.registerTool({
        name: 'measure',
        title: 'Measure',
        annotations: { readOnlyHint: true, openWorldHint: false },
        outputSchema: { type: 'object', required: ['n'], properties: { n: { type: 'number' } } },
        async call(_params, { progress, emit }) {
          await progress({ progress: 1, total: 2, message: 'half' });
          await emit('a chunk');
          await progress({ progress: 1 }); // not more than before
          await progress({ progress: 2, total: 2 });
          return { n: 1 };
        },
      });
      api.registerTool({
        name: 'show',
        result: 'content',
        call: () => ({ content: [{ type: 'image', data: 'AAAA', mimeType: 'image/png' }], structuredContent: { shown: true }, isError: true }),
      });
    },
  });

  test.each(ERAS)('title, annotations, output schema, content and progress (%s era)', async (era) => {
    await using server = await createMcpServer(await open({ plugins: [full] }));
    const client = await connectTo(server, era);
    const { tools } = await client.listTools();
    expect(tools[0]).toMatchObject({
      title: 'Measure',
      annotations: { readOnlyHint: true, openWorldHint: false },
      outputSchema: { type: 'object', required: ['n'] },
    });
    const reports: unknown[] = [];
    const result = await client.callTool({ name: 'measure' }, { onprogress: (each) => void reports.push(each) });
    expect(result.structuredContent).toEqual({ n: 1 });
    expect(reports).toEqual([
      { progress: 1, total: 2, message: 'half' },
      { progress: 2, total: 2 },
    ]);
    expect(await client.callTool({ name: 'show' })).toMatchObject({
      content: [{ type: 'image', data: 'AAAA', mimeType: 'image/png' }],
      structuredContent: { shown: true },
      isError: true,
    });
  });
});

test('the plugin gets the id of the request, and the trace of the client, as context; so do the hooks around the call', async () => {
  const seen: unknown[] = [];
  const note = (where: string, context: unknown): void => void seen.push([where, context]);
  const curious = definePlugin({
    id: 'curious',
    register(api) {
      api.registerTool({ name: 'look', call: (_params, { context }) => (note('call', context), null) });
      api.registerHook({ name: 'BeforeToolExecute', handle: (_data, { context }) => note('before', context) });
      api.registerHook({ name: 'AfterToolExecute', handle: (_data, { context }) => note('after', context) });
    },
  });
  await using server = await createMcpServer(await open({ plugins: [curious] }));
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await (await connectTo(server)).callTool({ name: 'look', _meta: { traceparent } });
  await until(() => seen.length === 3);
  const context = { requestId: expect.any(String), traceparent };
  expect(seen).toEqual([['before', context], ['call', context], ['after', context]]);
});

test.each<unknown>(['', 'admin', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n', 5, null, { userId: 'root' }])('a trace of another form does not reach the plugin: %j', async (traceparent) => {
  const seen: unknown[] = [];
  const curious = definePlugin({ id: 'curious', register: (api) => api.registerTool({ name: 'look', call: (_params, { context }) => (seen.push(context), null) }) });
  await using server = await createMcpServer(await open({ plugins: [curious] }));
  await (await connectTo(server)).callTool({ name: 'look', _meta: { traceparent, userId: 'root' } });
  expect(seen).toEqual([{ requestId: expect.any(String) }]);
});
