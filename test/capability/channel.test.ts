import { describe, expect, test } from '@jest/globals';
import type { Backend, Chunk } from '../../src/invocation/backend.js';
import type { ChannelConnection } from '../../src/capability/channel-connection.js';
import { makeChannel, type ChannelDefinition } from '../../src/capability/kinds/channel.js';
import { errorOf, openHost, until } from '../support/host.js';
import { activePlugin, contextOf, found, gate } from './active-plugin.js';

/** Collects messages; while `held` is set, each waits for it. */
class Inbox {
  readonly messages: unknown[] = [];
  held: Promise<void> | undefined;
  readonly onMessage = async (message: unknown): Promise<void> => {
    this.messages.push(message);
    await this.held;
  };

  /** What came back of what was sent: the plugin's own first message comes from another thread, sooner or later than these. */
  get sent(): unknown[] {
    return this.messages.filter((message) => (message as { text?: string }).text !== 'channel open');
  }
}

const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false;
  const note = (): void => void (settled = true);
  promise.then(note, note);
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  return settled;
};

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

/** A channel in JavaScript that only its test drives. */
async function driven(start: ChannelDefinition['start'], send: ChannelDefinition['send'] = () => null) {
  const registry = await activePlugin((api) => api.registerChannel({ name: 'wire', start, send }));
  return { registry, channel: found(registry, 'channel', 'wire') };
}

/** Sends until the plugin is told that there is no room. Returns how many were taken. */
async function fill(connection: ChannelConnection): Promise<number> {
  for (let i = 0; ; i++) {
    try {
      await connection.send({ i });
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_INVOCATION_FAILED', status: 'FULL' });
      return i;
    }
  }
}

const numbered = (count: number): unknown[] => Array.from({ length: count }, (_, i) => ({ i }));

describe('a native channel', () => {
  test('connects, sends, receives in order, disconnects', async () => {
    const { registry } = await openHost(['good-c']);
    const channel = found(registry, 'channel', 'loopback');
    expect(channel).toMatchObject({ pluginId: 'good-c', description: 'Gives back what is sent' });
    const inbox = new Inbox();
    const connection = await channel.connect(inbox);
    for (const message of numbered(20)) expect(await connection.send(message)).toEqual({ sent: true });
    await until(() => inbox.messages.length === 21);
    await connection.disconnect();
    await connection.closed;
    expect(inbox.sent).toEqual(numbered(20));
  });

  test('is up as soon as connect resolves, each time', async () => {
    const { registry } = await openHost(['good-c']);
    for (let i = 0; i < 30; i++) {
      const inbox = new Inbox();
      const connection = await found(registry, 'channel', 'loopback').connect(inbox);
      await connection.send({ i });
      await connection.disconnect();
      expect(inbox.messages).toContainEqual({ i });
    }
  });

  test('what was taken before disconnect arrives before it resolves, and nothing after', async () => {
    const { registry } = await openHost(['good-c']);
    const inbox = new Inbox();
    const held = gate();
    const connection = await found(registry, 'channel', 'loopback').connect(inbox);
    await until(() => inbox.messages.length === 1);
    inbox.held = held.promise;
    for (const message of numbered(50)) await connection.send(message);
    const disconnected = connection.disconnect();
    expect(await isSettled(disconnected)).toBe(false);
    expect(await errorOf(connection.send({ i: 50 }))).toMatchObject({ code: 'ERR_CONNECTION_CLOSED', pluginId: 'good-c', capability: 'channel loopback' });
    expect(inbox.messages.length).toBeLessThan(51);
    held.open();
    await disconnected;
    expect(inbox.messages.slice(1)).toEqual(numbered(50));
    await connection.closed;
  });

  test('a receiver that does not take them fills it: the plugin is told, and what was taken arrives', async () => {
    const { registry } = await openHost(['good-c']);
    const inbox = new Inbox();
    const held = gate();
    inbox.held = held.promise;
    const connection = await found(registry, 'channel', 'loopback').connect(inbox);
    await until(() => inbox.messages.length === 1);
    const taken = await fill(connection);
    expect(inbox.messages).toHaveLength(1);
    held.open();
    await until(() => inbox.messages.length > taken);
    expect(await connection.send({ i: taken })).toEqual({ sent: true });
    await connection.disconnect();
    expect(inbox.messages.slice(1)).toEqual(numbered(taken + 1));
  });

  test('has one connection at a time, and another after it', async () => {
    const { registry } = await openHost(['good-c']);
    const channel = found(registry, 'channel', 'loopback');
    const first = await channel.connect(new Inbox());
    expect(await errorOf(channel.connect(new Inbox()))).toMatchObject({ code: 'ERR_PLUGIN_BUSY', reason: 'it is connected already' });
    await first.disconnect();
    const second = await channel.connect(new Inbox());
    expect(await second.send({})).toEqual({ sent: true });
    await second.disconnect();
  });

  test('ends in order by a signal, and by `await using`', async () => {
    const { registry } = await openHost(['good-c']);
    const channel = found(registry, 'channel', 'loopback');
    const aborter = new AbortController();
    const connection = await channel.connect({ ...new Inbox(), signal: aborter.signal });
    aborter.abort();
    await connection.closed;
    const other = await channel.connect(new Inbox());
    await other[Symbol.asyncDispose]();
    await other.closed;
    expect(await errorOf(channel.connect({ ...new Inbox(), signal: aborter.signal }))).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
  });

  test('is told when its plugin is shut down, and still has what was taken', async () => {
    const { registry } = await openHost(['good-c']);
    const inbox = new Inbox();
    const held = gate();
    inbox.held = held.promise;
    const connection = await found(registry, 'channel', 'loopback').connect(inbox);
    for (const message of numbered(10)) await connection.send(message);
    await registry.shutdownAll();
    held.open();
    expect(await errorOf(connection.closed)).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', capability: 'channel loopback' });
    expect(inbox.sent).toEqual(numbered(10));
    expect(await errorOf(connection.send({}))).toMatchObject({ code: 'ERR_CONNECTION_CLOSED' });
  });

  test('ends with what onMessage throws', async () => {
    const { registry } = await openHost(['good-c']);
    const mine = new Error('cannot store it');
    const channel = found(registry, 'channel', 'loopback');
    // Its first message comes from a thread of its own, perhaps before `connect` has resolved.
    const ended = channel.connect({ onMessage: () => { throw mine; } }).then(({ closed }) => closed);
    await expect(ended).rejects.toBe(mine);
    const next = await channel.connect(new Inbox());
    await next.disconnect();
  });
});

describe('a channel in JavaScript', () => {
  test('gets its settings, what is sent, and a signal to end', async () => {
    const seen: unknown[] = [];
    const { channel } = await driven(
      async (settings, { signal }) => {
        seen.push(settings);
        await untilAborted(signal);
        seen.push('ended');
      },
      (message) => ({ id: 1, message }),
    );
    const connection = await channel.connect({ settings: { token: 't' }, onMessage: () => undefined });
    expect(await connection.send('hi')).toEqual({ id: 1, message: 'hi' });
    await connection.disconnect();
    expect(seen).toEqual([{ token: 't' }, 'ended']);
    await (await channel.connect({ onMessage: () => undefined })).disconnect();
    expect(seen.slice(2)).toEqual([{}, 'ended']);
  });

  test('that sends faster than they are taken: in order, one at a time, all before disconnect resolves', async () => {
    const { channel } = await driven(async (_settings, { emit, signal }) => {
      for (const message of numbered(40)) void emit(message);
      await untilAborted(signal);
      void emit('too late');
    });
    const inbox = new Inbox();
    const held = gate();
    inbox.held = held.promise;
    const connection = await channel.connect(inbox);
    await until(() => inbox.messages.length > 0);
    const disconnected = connection.disconnect();
    expect(await isSettled(disconnected)).toBe(false);
    expect(inbox.messages).toHaveLength(1);
    held.open();
    await disconnected;
    expect(inbox.messages).toEqual(numbered(40));
    expect(await isSettled(connection.closed)).toBe(true);
    expect(inbox.messages).toHaveLength(40);
  });

  test('that cannot start: connect says why, and may be tried again', async () => {
    let tries = 0;
    const { channel } = await driven((_settings, { signal }) => {
      if (tries++ === 0) throw new Error('no network');
      return untilAborted(signal);
    });
    expect(await errorOf(channel.connect(new Inbox()))).toMatchObject({ code: 'ERR_INVOCATION_FAILED', pluginId: 'plain', capability: 'channel wire', reason: 'no network' });
    await (await channel.connect(new Inbox())).disconnect();
  });

  test('that fails later: `closed` says why, after every message, whether anyone looks or not', async () => {
    const { channel } = await driven(async (_settings, { emit }) => {
      for (const message of numbered(5)) void emit(message);
      await Promise.resolve();
      throw new Error('line cut');
    });
    const unseen = new Inbox();
    await channel.connect(unseen);
    await until(() => unseen.messages.length === 5);
    await new Promise(setImmediate);

    const inbox = new Inbox();
    const connection = await channel.connect(inbox);
    expect(await errorOf(connection.closed)).toMatchObject({ code: 'ERR_INVOCATION_FAILED', reason: 'line cut' });
    expect(inbox.messages).toEqual(numbered(5));
    expect(await errorOf(connection.send(1))).toMatchObject({ code: 'ERR_CONNECTION_CLOSED' });
  });

  test('that ends by itself ends its connection in order', async () => {
    const { channel } = await driven(async (_settings, { emit }) => emit('bye'));
    const inbox = new Inbox();
    const connection = await channel.connect(inbox);
    await connection.closed;
    expect(inbox.messages).toEqual(['bye']);
    expect(await errorOf(connection.send(1))).toMatchObject({ code: 'ERR_CONNECTION_CLOSED' });
  });

  test('may be disconnected from inside onMessage', async () => {
    const { channel } = await driven(async (_settings, { emit, signal }) => {
      await emit('first');
      await emit('second');
      await untilAborted(signal);
    });
    const seen: unknown[] = [];
    const connected = gate();
    const connection = await channel.connect({
      async onMessage(message) {
        await connected.promise;
        seen.push(message);
        void connection.disconnect();
      },
    });
    connected.open();
    await connection.closed;
    expect(seen).toEqual(['first']);
  });

  test('is told when its plugin is shut down', async () => {
    const { registry, channel } = await driven((_settings, { signal }) => untilAborted(signal));
    const connection = await channel.connect(new Inbox());
    await registry.shutdownAll();
    expect(await errorOf(connection.closed)).toMatchObject({ code: 'ERR_PLUGIN_CLOSED', pluginId: 'plain' });
  });

  test('settings, messages and receipts that JSON cannot hold', async () => {
    const { channel } = await driven((_settings, { signal }) => untilAborted(signal), () => 1n);
    expect(await errorOf(channel.connect({ settings: 1n, onMessage: () => undefined }))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS' });
    const connection = await channel.connect(new Inbox());
    expect(await errorOf(connection.send(undefined))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS' });
    expect(await errorOf(connection.send('hi'))).toMatchObject({ code: 'ERR_INVALID_REPLY' });
    await connection.disconnect();
  });
});

test.each([
  ['without a tag', { tag: 'none', data: '{}' }],
  ['of another kind', { tag: 'stdout', data: '"a"' }],
  ['that is no JSON', { tag: 'message', data: '{' }],
] as const)('a message %s ends the connection', async (_what, chunk: Chunk) => {
  const backend: Backend = {
    async invoke(_method, _input, { onPending, onChunk }) {
      onPending?.();
      await new Promise(setImmediate);
      await onChunk?.(chunk);
      return '{}';
    },
  };
  const channel = makeChannel(contextOf('chat', { kind: 'channel', name: 'wire', description: '', spec: undefined }, backend));
  const connection = await channel.connect(new Inbox());
  expect(await errorOf(connection.closed)).toMatchObject({ code: 'ERR_INVALID_REPLY', pluginId: 'chat', capability: 'channel wire' });
});
