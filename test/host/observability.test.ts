/** What a host can see of its plugins without asking them: log lines, tracing channels, where the time went. */
import { describe, expect, test } from '@jest/globals';
import { tracingChannel } from 'node:diagnostics_channel';
import type { TimingNode } from '../../src/report/boot-timing.js';
import { folderOf } from '../support/fixtures.js';
import { errorOf } from '../support/host.js';
import { keepingLogger, open, plain } from './host.js';

describe('log lines of a plugin', () => {
  test('in C: they arrive with its id and level', async () => {
    const { logger, lines } = keepingLogger();
    const host = await open({ pluginDirs: [folderOf('good-c')], logger });
    expect(lines).toContainEqual({ level: 'info', message: 'good-c is ready', fields: { pluginId: 'good-c' } });
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      await host.find('tool', 'log')?.call({ level: LEVELS[level], message: `at ${level}` });
      expect(lines).toContainEqual({ level, message: `at ${level}`, fields: { pluginId: 'good-c' } });
    }
  });

  test('in JavaScript: the same, and it cannot speak as another', async () => {
    const { logger, lines } = keepingLogger();
    const init = (context: { logger: typeof logger }): void => context.logger.warn('low', { pluginId: 'other', disk: 1 });
    await open({ plugins: [plain('a', { init })], logger });
    expect(lines).toContainEqual({ level: 'warn', message: 'low', fields: { pluginId: 'a', disk: 1 } });
  });
});

const LEVELS = { debug: 1, info: 2, warn: 3, error: 4 };

interface Heard {
  readonly event: string;
  readonly message: Readonly<Record<string, unknown>>;
}

/** What the channel says while `run` runs. */
async function hear(name: string, run: () => Promise<unknown>): Promise<Heard[]> {
  const heard: Heard[] = [];
  const channel = tracingChannel(name);
  const listen = (event: string) => (message: unknown) => void heard.push({ event, message: { ...(message as object) } });
  const events = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;
  const subscribers = Object.fromEntries(events.map((event) => [event, listen(event)])) as Record<(typeof events)[number], () => void>;
  channel.subscribe(subscribers);
  try {
    await run();
  } finally {
    channel.unsubscribe(subscribers);
  }
  return heard;
}

const said = (heard: readonly Heard[], event: string): unknown => heard.find((one) => one.event === event)?.message;

describe('aisopod-plugin:load', () => {
  test('each load has a start and an end, with the plugin or the error', async () => {
    const folder = folderOf('good-c', 'id-mismatch');
    const heard = await hear('aisopod-plugin:load', () => open({ pluginDirs: [folder] }));
    const ends = heard.filter(({ event }) => event === 'asyncEnd').map(({ message }) => message);
    expect(ends).toMatchObject([
      { pluginId: 'good-c', path: expect.stringContaining(folder), version: '1.0.0', result: { id: 'good-c' } },
      { pluginId: 'id-mismatch', error: { code: 'ERR_ID_MISMATCH' } },
    ]);
    expect(said(heard, 'start')).toMatchObject({ pluginId: 'good-c', version: '1.0.0' });
    expect(said(heard, 'error')).toMatchObject({ pluginId: 'id-mismatch' });
  });
});

describe('what is loaded at once', () => {
  /** Of `isolation`: how many plugins were being loaded at the same time, at most; and which became active, in order. */
  async function mostAtOnce(isolation: 'process' | 'in-process' | { process: string }) {
    const folder = folderOf('good-c', 'good-cpp', 'inside-count');
    let active: (string | undefined)[] = [];
    const heard = await hear('aisopod-plugin:load', async () => {
      const host = await open({ pluginDirs: [folder], isolation });
      active = host.tools.map(({ pluginId }) => pluginId);
    });
    let now = 0;
    const counts = heard.map(({ event }) => (event === 'start' ? ++now : event === 'asyncEnd' ? --now : now));
    return { most: Math.max(...counts), active: [...new Set(active)] };
  }

  test('children of their own; plugins keep their order all the same', async () => {
    const { most, active } = await mostAtOnce('process');
    expect(most).toBeGreaterThan(1);
    expect(active).toEqual(['good-c', 'good-cpp', 'inside-count']);
  });

  test.each(['in-process', { process: 'shared' }] as const)('one only where they share a process: %j', async (isolation) => {
    expect((await mostAtOnce(isolation)).most).toBe(1);
  });
});

describe('aisopod-plugin:invoke', () => {
  test.each([
    ['in C', { pluginDirs: [folderOf('good-c')] }, 'good-c', 'echo'],
    ['in JavaScript', { plugins: [plain('a', { register: (api) => api.registerTool({ name: 'echo', call: (x) => x }) })] }, 'a', 'echo'],
  ])('an invocation of a plugin %s', async (_where, options, pluginId, name) => {
    const host = await open(options);
    const heard = await hear('aisopod-plugin:invoke', async () => host.find('tool', name)?.call({ n: 1 }));
    const message = { pluginId, kind: 'tool', name, method: 'call', input: '{"n":1}' };
    expect(heard.map(({ event }) => event)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(said(heard, 'start')).toEqual(message);
    expect(said(heard, 'asyncEnd')).toEqual({ ...message, result: '{"n":1}' });
  });

  test('one that fails, with its error', async () => {
    const host = await open({ pluginDirs: [folderOf('good-c')] });
    const heard = await hear('aisopod-plugin:invoke', () => errorOf(host.find('tool', 'fail')?.call({})));
    expect(said(heard, 'error')).toMatchObject({ name: 'fail', error: { code: 'ERR_INVOCATION_FAILED' } });
  });

  test('a synchronous one', async () => {
    const host = await open({ pluginDirs: [folderOf('good-c')] });
    const heard = await hear('aisopod-plugin:invoke', async () => Promise.resolve(host.find('tool', 'echo_inline')?.sync?.({ n: 2 })));
    expect(heard.map(({ event }) => event)).toEqual(['start', 'end']);
    expect(said(heard, 'end')).toMatchObject({ name: 'echo_inline', result: '{"n":2}' });
  });

  test('every kind, and what plugins call of each other', async () => {
    const caller = plain('caller', {
      register: (api) =>
        api.registerTool({ name: 'relay', call: async () => JSON.parse(await api.callCapability('tool', 'echo', 'call', '{}', {})) as unknown }),
    });
    const host = await open({ pluginDirs: [folderOf('good-c')], plugins: [caller] });
    const heard = await hear('aisopod-plugin:invoke', async () => {
      await host.find('command', 'greet')?.run(['you']);
      await host.find('provider', 'parrot')?.models();
      await host.dispatch('BeforeToolExecute', {});
      await host.find('tool', 'relay')?.call({});
    });
    const started = heard.filter(({ event }) => event === 'start').map(({ message }) => [message.kind, message.name, message.method]);
    expect(started).toEqual([
      ['command', 'greet', 'run'],
      ['provider', 'parrot', 'models'],
      ['hook', 'BeforeToolExecute', 'handle'],
      ['tool', 'relay', 'call'],
      ['tool', 'echo', 'call'],
    ]);
  });
});

describe('boot timing', () => {
  const sum = (nodes: readonly TimingNode[]): number => nodes.reduce((total, { ms }) => total + ms, 0);

  test('is a tree: the scan, then each plugin with its steps, each no longer than what holds it', async () => {
    const host = await open({ pluginDirs: [folderOf('good-c', 'slow-init', 'truncated')], plugins: [plain('own')] });
    const { name, ms, children } = host.bootTiming;
    expect([name, children.map((child) => child.name)]).toEqual(['open', ['scan', 'own', 'good-c', 'slow-init', 'truncated']]);
    expect(sum(children)).toBeLessThanOrEqual(ms);
    for (const child of children.slice(1)) expect(child.ms).toBeCloseTo(sum(child.children), 6);
    const steps = (id: string): unknown => children.find((child) => child.name === id)?.children.map((step) => step.name);
    expect(steps('own')).toEqual(['register', 'init']);
    expect(steps('good-c')).toEqual(['manifest', 'trust', 'triage', 'open', 'bind', 'create', 'register', 'init']);
    expect(steps('truncated')).toEqual(['manifest', 'trust', 'triage']);
    // It sleeps for 500 ms. On a busy machine other steps may take longer still.
    const slow = children.find((child) => child.name === 'slow-init')?.children.at(-1);
    expect(slow).toEqual({ name: 'init', ms: expect.any(Number), children: [] });
    expect(slow?.ms).toBeGreaterThan(499);
  });

  test('a plugin that the scan refused has its path for a name', async () => {
    const host = await open({ pluginDirs: [process.execPath] });
    expect(host.bootTiming.children.map((child) => child.name)).toEqual(['scan', process.execPath]);
  });
});
