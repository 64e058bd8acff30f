/** The kits: what a plugin does that uses one, and what it cannot do wrong. The plugins are the same in each language. */
import { beforeAll, describe, expect } from '@jest/globals';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { PluginConfig } from '../../src/plugin/config-copy.js';
import { PluginRegistry } from '../../src/registry/plugin-registry.js';
import { answerOf } from '../support/child.js';
import { fixturesRoot, temporaryFolder, testWhere } from '../support/fixtures.js';
import { errorOf, recordOf, until } from '../support/host.js';
import { loadIn, openIn, type HomeHost } from '../isolation/homes.js';

const CONFIG = { greeting: 'hello' };

interface Kit {
  readonly id: string;
  readonly toolchain: string;
  /** What its plugin makes of a failure that is no failure of the kit: an exception of any type, a panic. */
  readonly thrown: readonly [what: string, reason: string];
  readonly thrownLater: string;
  /** Tools that its plugin does not have, because the kit offers no way to write them. */
  readonly without?: readonly string[];
}

const KITS: readonly Kit[] = [
  { id: 'kit-cpp', toolchain: 'a C++ compiler', thrown: ['int', 'an exception of an unknown type'], thrownLater: 'not handed on' },
  { id: 'kit-rust', toolchain: 'rustc 1.77 or newer', thrown: ['panic', 'the plugin panicked: a mistake'], thrownLater: 'the plugin panicked' },
  { id: 'kit-zig', toolchain: 'Zig 0.16', thrown: ['error', 'DiskFull'], thrownLater: '', without: ['kit_dropped', 'kit_thrown_later', 'kit_ask'] },
  { id: 'kit-go', toolchain: 'Go 1.19 or newer', thrown: ['panic', 'the plugin panicked: a mistake'], thrownLater: 'the plugin panicked: not handed on', without: ['kit_dropped'] },
];
const HOMES = ['in-process', 'process'] as const;
/** Not the kit for Go in this process: a Go runtime stays for the life of a process, and other tests share this one. */
const CASES = KITS.flatMap((kit) => HOMES.map((home) => ({ ...kit, home }))).filter(({ id, home }) => id !== 'kit-go' || home === 'process');
/** A test that needs the plugin of a kit, which is built where its toolchain is installed. */
const testOf = ({ id, toolchain }: Kit) => testWhere(existsSync(path.join(fixturesRoot, id)), toolchain);

describe.each(CASES)('$id $home', ({ home, ...kit }) => {
  const { id } = kit;
  const test = testOf(kit);
  let host: HomeHost;
  let dataDir: string;
  beforeAll(async () => {
    dataDir = path.join(temporaryFolder(), 'data');
    if (existsSync(path.join(fixturesRoot, id))) host = await openIn(home, [id], { dataDir, configOf: () => CONFIG });
  });
  const call = (name: string, parameters: unknown = {}): Promise<unknown> => host.tool(name).call(parameters);

  test('answers JSON and text of any size', async () => {
    expect(await call('kit_echo', { a: 'ü"\n' })).toEqual({ a: 'ü"\n' });
    expect(await call('kit_large', { bytes: 4000 })).toHaveLength(4000);
    expect(await call('kit_large', { bytes: 5_000_000 })).toHaveLength(5_000_000);
  });

  test('reads and writes every type of value', async () => {
    const given = { text: 'quoted "ü" \u0001 😀', integer: -9007199254740993n, number: 0.25, boolean: true, items: [1, 'two', { three: [] }] };
    const json = JSON.stringify({ ...given, integer: 0 }).replace('"integer":0', `"integer":${given.integer}`);
    const answer = await host.tool('kit_values').callRaw(json);
    expect(answer).toContain('"integer":-9007199254740993');
    expect(JSON.parse(String(answer))).toMatchObject({ text: given.text, number: 0.25, boolean: true, missing: -1, nothing: null, items: [1, 'two', { three: [] }] });
  });

  test('says which parameter is wrong', async () => {
    expect(await errorOf(call('kit_values', { text: 5 }))).toMatchObject({ code: 'ERR_INVOCATION_FAILED', status: 'INVALID', reason: 'text: expected a string' });
    expect(await errorOf(call('kit_values', { text: '', integer: 1.5 }))).toMatchObject({ status: 'INVALID', reason: 'integer: expected an integer' });
    expect(await errorOf(call('kit_values', {}))).toMatchObject({ status: 'INVALID', reason: 'text: expected a string' });
  });

  test('turns every failure into a status', async () => {
    expect(await errorOf(call('kit_throw', { what: 'failure' }))).toMatchObject({ status: 'NOT_FOUND', reason: 'there is none' });
    expect(await errorOf(call('kit_throw', { what: 'the disk is full' }))).toMatchObject({ status: 'FAILED', reason: 'the disk is full' });
    expect(await errorOf(call('kit_throw', { what: '' }))).toMatchObject({ status: 'FAILED', reason: 'failed without a reason' });
    const [what, reason] = kit.thrown;
    expect(await errorOf(call('kit_throw', { what }))).toMatchObject({ status: 'FAILED', reason });
  });

  test('answers inline, with the context of the call', async () => {
    expect(await host.tool('kit_inline').call({}, { context: { sessionKey: 's7' } })).toEqual({ session: 's7' });
    expect(await call('kit_inline')).toEqual({ session: '' });
  });

  test('waits for room for its chunks, and reports progress', async () => {
    const chunks: unknown[] = [];
    const progress: unknown[] = [];
    const answer = await host.tool('kit_count').call({ count: 2000 }, { onChunk: (chunk) => void chunks.push(chunk), onProgress: (report) => void progress.push(report) });
    expect(answer).toBe(2000);
    expect(chunks).toEqual(Array.from({ length: 2000 }, (_, i) => i));
    expect(progress).toEqual([expect.objectContaining({ progress: 1, total: 2, message: 'half' })]);
  });

  test('answers later, with its own copy of input and context', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => host.tool('kit_later').call({ i }, { context: { sessionKey: `s${i}` } })));
    expect(answers).toEqual(Array.from({ length: 50 }, (_, i) => ({ input: `{"i":${i}}`, session: `s${i}` })));
    expect(await errorOf(call('kit_later', { fail: true }))).toMatchObject({ status: 'DENIED', reason: 'asked to fail' });
  });

  test('is told that nobody waits any more', async () => {
    const abort = new AbortController();
    const waiting = host.tool('kit_later').call({ forever: true }, { signal: abort.signal, onChunk: () => abort.abort() });
    expect(await errorOf(waiting)).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
    expect(await call('kit_later', { next: 1 })).toMatchObject({ input: '{"next":1}' });
  });

  test('cannot forget a call, and cannot answer one twice', async () => {
    const has = (tool: string): boolean => !(kit.without ?? []).includes(tool);
    if (has('kit_dropped')) expect(await errorOf(call('kit_dropped'))).toMatchObject({ status: 'FAILED', reason: 'the plugin dropped this call without an answer' });
    if (has('kit_thrown_later')) expect(await errorOf(call('kit_thrown_later'))).toMatchObject({ status: 'FAILED', reason: kit.thrownLater });
    if (id === 'kit-cpp') {
      // Where the compiler does not prevent it.
      expect(await call('kit_thrown_after')).toBe(1);
      expect(await call('kit_twice')).toBe('first');
      await until(() => host.log.some(({ message }) => message.includes('answered already')));
    }
    expect(recordOf(host.plugin(id))).not.toMatch(/complet|answer/);
  });

  if (!(kit.without ?? []).includes('kit_ask')) test('asks other capabilities', async () => {
    expect(await call('kit_ask', { tool: 'kit_echo' })).toEqual({ asked: true });
    expect(await errorOf(call('kit_ask', { tool: 'nobody' }))).toMatchObject({ code: 'ERR_INVOCATION_FAILED', status: 'NOT_FOUND' });
  });

  test('runs commands', async () => {
    const command = host.find('command', 'kit');
    expect(await command.run(['one', 'two'])).toEqual({ exitCode: 0, stdout: 'one\ntwo\n', stderr: '' });
    expect(await command.run([])).toEqual({ exitCode: 2, stdout: '', stderr: 'usage: kit WORD…\n' });
  });

  test('handles hooks', async () => {
    const dispatch = (tool: string) => host.registry.dispatch('BeforeToolExecute', { tool });
    expect(await dispatch('other')).toMatchObject({ data: { tool: 'other' } });
    expect(await dispatch('old')).toMatchObject({ data: { tool: 'new' } });
    expect(JSON.stringify(await dispatch('forbidden'))).toContain('it is forbidden');
  });

  test('is a channel: connected once at a time, disconnected at once', async () => {
    const channel = host.find('channel', 'kit');
    for (const prefix of ['a', 'b']) {
      const received: unknown[] = [];
      const connection = await channel.connect({ settings: { prefix }, onMessage: (message) => void received.push(message) });
      expect(await connection.send({ text: 'hello' })).toEqual({ id: `${prefix}1` });
      await until(() => received.length > 0);
      expect(received).toEqual([{ text: 'hello' }]);
      await connection.disconnect();
    }
    expect(await errorOf(channel.connect({ settings: { prefix: 'refuse' }, onMessage: () => undefined }))).toMatchObject({ status: 'INVALID', reason: 'this prefix is refused' });
  });

  test('is a provider', async () => {
    const provider = host.find('provider', 'kit');
    expect(await provider.models()).toEqual([{ id: 'parrot' }]);
    expect(await provider.health()).toMatchObject({ status: 'ok' });
    const deltas: unknown[] = [];
    const answer = await provider.chat({ model: 'parrot', messages: [{ role: 'user', content: 'hi' }] }, { onDelta: (delta) => void deltas.push(delta) });
    expect(answer).toEqual({ role: 'assistant', content: 'hi' });
    expect(deltas).toEqual([{ content: 'hi' }]);
  });

  test('gets its configuration and its data folder, and a new configuration', async () => {
    expect(await call('kit_config')).toEqual({ greeting: 'hello', dataDir: path.join(dataDir, id) });
    const plugin = host.plugin(id);
    const reconfigure = async (config: PluginConfig): Promise<void> => plugin.reconfigure?.(config);
    await reconfigure({ greeting: 'good day' });
    expect(await call('kit_config')).toMatchObject({ greeting: 'good day' });
    expect(await errorOf(reconfigure({ refuse: true }))).toMatchObject({ message: expect.stringContaining('this configuration is refused') });
    expect(await call('kit_config')).toMatchObject({ greeting: 'good day' });
  });
});

describe.each(CASES)('$id $home', ({ home, ...kit }) => {
  const { id } = kit;
  const test = testOf(kit);

  // The kits of the other languages have no functions for it.
  if (id === 'kit-cpp') test('hands over its state, and takes one or refuses it', async () => {
    const host = await openIn(home, [id], { configOf: () => CONFIG });
    const state = await host.plugin(id).saveState?.();
    expect(String(state)).toBe('hello');
    const lines: string[] = [];
    const keep = (message: string): void => void lines.push(message);
    const logger = { debug: keep, info: keep, warn: keep, error: keep };
    const takes = async (given: Uint8Array): Promise<unknown> => {
      const next = await loadIn(home, id, { logger });
      const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir: path.join(temporaryFolder(), 'data') });
      await registry.register(next);
      try {
        return await next.restoreState?.(given);
      } finally {
        await registry.shutdownAll();
      }
    };
    expect(await takes(state!)).toBe(true);
    expect(lines).toContain('was given hello');
    expect(await errorOf(takes(Buffer.from('refuse')))).toMatchObject({ code: 'ERR_HANDOVER_FAILED', operation: 'restore', reason: 'this state is refused', pluginId: id });
  });

  test('shutdown joins the threads before it calls the plugin', async () => {
    const host = await openIn(home, [id]);
    await host.registry.shutdownAll();
    const lines = host.log.map(({ message }) => message).filter((message) => /background|shut down/.test(message));
    expect(lines.slice(0, 2)).toEqual(['the background task has ended', `${id} is shut down`]);
  });

  test('two generations of a plugin have objects of their own', async () => {
    const [one, two] = await Promise.all([loadIn(home, id), loadIn(home, id)]);
    expect([one.id, two.id]).toEqual([id, id]);
    for (const plugin of [one, two]) await plugin.shutdown();
  });
});

testOf(KITS.find(({ id }) => id === 'kit-go')!)('kit-go in-process answers, and a second Go runtime is refused: the one of this process cannot be unloaded', async () => {
  const script = `
    const { tool } = await openHost(['kit-go']);
    const echo = await tool('kit_echo').call({ a: 1 });
    const { code } = await openHost(['kit-go']).catch((error) => error);
    console.log(JSON.stringify({ echo, code }));
    process.exit();`;
  expect(await answerOf(script)).toEqual({ echo: { a: 1 }, code: 'ERR_RUNTIME_CONFLICT' });
});
