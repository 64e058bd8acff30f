/** What a registration says of a tool, hook, channel or provider counts the same wherever the plugin runs. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Progress } from '../../src/capability/progress.js';
import { errorOf, until } from '../support/host.js';
import { openIn, type HomeHost } from './homes.js';

describe.each(['in-process', 'process', 'socket'] as const)('%s', (home) => {
  let host: HomeHost;
  beforeAll(async () => {
    host = await openIn(home, ['contracts']);
  });

  test('a tool has its title, annotations and schemas', () => {
    expect(host.tool('measure')).toMatchObject({
      title: 'Measure',
      description: 'Measures a file',
      parameters: { type: 'object', required: ['reply'] },
      annotations: { readOnlyHint: true, openWorldHint: false },
      outputSchema: { required: ['bytes'] },
      result: 'json',
    });
    expect(host.tool('picture')).toMatchObject({ title: undefined, result: 'content' });
  });

  test('a result must fit the output schema', async () => {
    const tool = host.tool('measure');
    expect(await tool.call<object, { bytes: number }>({ reply: { bytes: 5 } })).toEqual({ bytes: 5 });
    const error = await errorOf(tool.call({ reply: { bytes: 'many' } }));
    expect(error).toMatchObject({ code: 'ERR_INVALID_REPLY', capability: 'tool measure', expected: 'an integer at the result/bytes', found: '"many"' });
    expect(await errorOf(tool.call({ reply: {} }))).toMatchObject({ code: 'ERR_INVALID_REPLY' });
    expect(await errorOf(tool.call({}))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS' });
    expect(await tool.callRaw('{"reply":{}}')).toBe('{}');
  });

  test('reports of progress arrive in order, apart from chunks', async () => {
    const reports: Progress[] = [];
    const chunks: unknown[] = [];
    const call = { reply: { bytes: 1 }, steps: 4 };
    await host.tool('measure').call(call, { onProgress: (report) => void reports.push(report), onChunk: (chunk) => void chunks.push(chunk) });
    expect(chunks).toEqual([]);
    expect(reports).toEqual([
      { progress: 1, message: 'say "ü"\n' },
      { progress: 2, total: 4 },
      { progress: 3, total: 4, message: 'say "ü"\n' },
      { progress: 4, total: 4, message: 'say "ü"\n' },
    ]);
    expect(await host.tool('measure').call(call)).toEqual({ bytes: 1 });
    expect(await host.tool('measure').call(call, { onChunk: (chunk) => void chunks.push(chunk) })).toEqual({ bytes: 1 });
    expect(chunks).toEqual([]);
  });

  test('progress has the largest numbers, and a message that is cut between characters', async () => {
    const reports: Progress[] = [];
    await host.tool('picture').call({ long: true }, { onProgress: (report) => void reports.push(report) });
    expect(reports).toEqual([{ progress: 2 ** 64, total: 2 ** 64, message: `x${'ü'.repeat(199)}` }]);
  });

  test('content is checked; an error that is content need not fit the schema', async () => {
    const tool = host.tool('picture');
    expect(await tool.call({})).toEqual({
      content: [{ type: 'text', text: 'a dot' }, { type: 'image', data: 'iVBORw0KGgo=', mimeType: 'image/png' }],
      structuredContent: { dots: 1 },
    });
    const sorry = { content: [{ type: 'text', text: 'no paper' }], isError: true };
    expect(await tool.call({ reply: sorry })).toEqual(sorry);
    for (const reply of [{ content: [] }, { content: [], structuredContent: { dots: 2 } }, { content: [{ type: 'image', data: 'a' }] }, 5]) {
      expect(await errorOf(tool.call({ reply }))).toMatchObject({ code: 'ERR_INVALID_REPLY', capability: 'tool picture' });
    }
  });

  test('a guard fails closed with nonsense, for the tools that it matches', async () => {
    const dispatch = (mode: string, tool = 'file_write') => host.registry.dispatch('BeforeToolExecute', { tool, params: { mode } }, { timeoutMs: 60_000 });
    expect(host.registry.capabilities('hook')).toMatchObject([{ priority: -5, match: ['file_*', 'shell'], failClosed: true }]);
    expect((await dispatch('junk')).vetoed).toMatchObject({ pluginId: 'contracts', failClosed: 'plugin' });
    expect(await dispatch('junk', 'other')).toEqual({ data: { tool: 'other', params: { mode: 'junk' } }, outcomes: [] });
  });

  test('a guard fails closed past its deadline', async () => {
    const { registry } = await openIn(home, ['contracts']); // its own: in-process the guard is still inside for a moment
    const result = await registry.dispatch('BeforeToolExecute', { tool: 'shell', params: { mode: 'hang' } }, { timeoutMs: 300 });
    expect(result).toMatchObject({ vetoed: { pluginId: 'contracts', failClosed: 'plugin' }, outcomes: [{ action: 'failed', error: { code: 'ERR_INVOCATION_TIMEOUT' } }] });
  });

  test('a channel says what it is and can do', () => {
    expect(host.find('channel', 'letters')).toMatchObject({
      label: 'Letters',
      description: 'Sends letters',
      features: { threads: true, media: ['image', 'document'], edits: false, reactions: false },
    });
  });

  test('a provider says how it is', async () => {
    expect(await host.find('provider', 'quiet').health()).toEqual({ status: 'degraded', message: 'slow today' });
  });
});

test('a guard that crashes its process vetoes, and is back for the next call', async () => {
  const host = await openIn('process', ['contracts'], { restart: { firstPauseMs: 1 } });
  const dispatch = (mode: string) => host.registry.dispatch('BeforeToolExecute', { tool: 'shell', params: { mode } }, { timeoutMs: 60_000 });
  expect(await dispatch('crash')).toMatchObject({ vetoed: { pluginId: 'contracts', failClosed: 'plugin' }, outcomes: [{ action: 'failed', error: { code: 'ERR_PLUGIN_CRASHED' } }] });
  expect((await dispatch('')).vetoed).toBeUndefined();
});

test('a guard whose process kept crashing still vetoes the calls of tools that it matches', async () => {
  const host = await openIn('process', ['contracts'], { restart: { most: 0 } });
  const dispatch = (tool: string, mode = '') => host.registry.dispatch('BeforeToolExecute', { tool, params: { mode } }, { timeoutMs: 60_000 });
  expect((await dispatch('shell', 'crash')).vetoed).toMatchObject({ pluginId: 'contracts' });
  await until(() => host.registry.stateOf('contracts')?.state === 'quarantined');
  expect(await dispatch('shell')).toMatchObject({ vetoed: { pluginId: 'contracts', failClosed: 'plugin' }, outcomes: [{ action: 'failed', error: { code: 'ERR_PLUGIN_CLOSED' } }] });
  expect((await dispatch('other')).vetoed).toBeUndefined();
});
