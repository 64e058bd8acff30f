/** A call never fails because of an update, a stream stays in order, and a channel loses and doubles no message. */
import { describe, expect } from '@jest/globals';
import type { PluginHost } from '../../src/host/plugin-host.js';
import { putBuild } from '../support/releases.js';
import { thorough } from '../support/thorough.js';
import { HOMES, openReloaded, testOnPosix, whenAlone } from './reloaded.js';

const IN_FLIGHT = 64;
const CHUNKS = 5;
/** Starting a child takes seconds while so many calls keep the processor busy. */
const IN_CHILDREN = thorough(100, 5);
const IN_PROCESS = thorough(100, 25);
const WITH_CHANNEL = thorough(10, 4);

/** Calls without a pause until `isOver`: a tool, or a stream whose chunks must all be of the generation that answers. Returns the number of calls. */
async function callOnAndOn(host: PluginHost, isStream: boolean, isOver: () => boolean, answers: Set<unknown>): Promise<number> {
  const tool = host.find('tool', isStream ? 'stream' : 'version');
  let calls = 0;
  for (; !isOver(); calls++) {
    const chunks: unknown[] = [];
    const answer = await tool?.call<unknown, { version: number }>({ count: CHUNKS }, { onChunk: (chunk) => void chunks.push(chunk) });
    const version = answer?.version;
    if (isStream) expect(chunks).toEqual(Array.from({ length: CHUNKS }, (_, index): readonly unknown[] => [version, index]));
    answers.add(version);
  }
  return calls;
}

describe.each(HOMES)('a plugin %s that is updated again and again', (_name, isolation) => {
  const updates = isolation === 'in-process' ? IN_PROCESS : IN_CHILDREN;
  testOnPosix(
    `answers ${IN_FLIGHT} calls at once, without one error and without mixing generations`,
    async () => {
      const { host, plugin } = await openReloaded(isolation);
      let isOver = false;
      const answers = new Set<unknown>();
      const callers = Array.from({ length: IN_FLIGHT }, (_, index) => callOnAndOn(host, index % 2 === 0, () => isOver, answers));
      for (let update = 1; update <= updates; update++) {
        putBuild(plugin, `reloaded-${(update % 2) + 1}`, update % 2 === 1 ? 'overwrite' : 'rename');
        expect(await host.update('reloaded')).toMatchObject({ outcome: 'updated', generation: update + 1 });
      }
      isOver = true;
      for (const calls of await Promise.all(callers)) expect(calls).toBeGreaterThan(0);
      expect([...answers].sort()).toEqual([1, 2]);
      await whenAlone(host);
    },
    900_000,
  );

  testOnPosix(
    'keeps the connection of a channel, and loses and doubles no message',
    async () => {
      const { host, plugin } = await openReloaded(isolation);
      const received: unknown[] = [];
      const line = host.find('channel', 'line');
      const connection = await line?.connect({ onMessage: (message) => void received.push((message as { number: number }).number) });
      let isOver = false;
      const receipts = new Set<unknown>();
      const sent: number[] = [];
      const sending = async (): Promise<void> => {
        for (let number = 0; !isOver; number++) {
          receipts.add(JSON.stringify(await connection?.send({ number })));
          sent.push(number);
        }
      };
      const sender = sending();
      for (let update = 1; update <= WITH_CHANNEL; update++) {
        putBuild(plugin, `reloaded-${(update % 2) + 1}`);
        expect(await host.update('reloaded')).toMatchObject({ outcome: 'updated' });
        const target = sent.length + 3;
        while (sent.length < target) await new Promise(setImmediate);
      }
      isOver = true;
      await sender;
      await expect(line?.connect({ onMessage: () => undefined })).rejects.toMatchObject({ code: 'ERR_PLUGIN_BUSY' });
      await connection?.disconnect();
      expect(received).toEqual(sent);
      expect([...receipts].sort()).toEqual(['{"version":1}', '{"version":2}']);
      await connection?.closed;
      await whenAlone(host);
      await (await line?.connect({ onMessage: () => undefined }))?.disconnect();
    },
    300_000,
  );
});
