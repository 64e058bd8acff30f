import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Outbox } from '../../../src/isolation/wire/outbox.js';
import { until } from '../../support/host.js';
import { connectPair, type Pair } from './connect-pair.js';

let pair: Pair;
let writes: jest.SpiedFunction<Socket['write']>;
let outbox: Outbox;
beforeEach(async () => {
  pair = await connectPair();
  writes = jest.spyOn(pair.socket, 'write'); // counted, not replaced
  outbox = new Outbox(pair.socket);
});
afterEach(() => pair.close());

const put = (text: string): void => outbox.put(Buffer.from(text));
const isSent = (): Promise<void> => until(() => outbox.unsent === 0);

test('the first message of a turn is written at once, and the others together', async () => {
  for (let round = 0; round < 3; round++) {
    for (const text of ['a', 'b', 'c', 'd']) put(text);
    expect(writes).toHaveBeenCalledTimes(2 * round + 1);
    await isSent();
    expect(writes).toHaveBeenCalledTimes(2 * round + 2);
  }
  await pair.arrives('abcdabcdabcd');
});

test('each message is reported as sent once, and then there is no backlog', async () => {
  const sent: number[] = [];
  for (let i = 0; i < 20; i++) outbox.put(Buffer.alloc(100_000), () => sent.push(i));
  expect(outbox.unsent).toBe(2_000_000);
  await isSent();
  expect(sent).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(outbox.hasRoom).toBe(true);
});

test('after the connection has closed nothing is written, and nothing waits', async () => {
  for (const text of ['a', 'b']) put(text);
  pair.socket.destroy();
  await once(pair.socket, 'close');
  put('c');
  await new Promise((resolve) => setImmediate(resolve));
  expect(writes).toHaveBeenCalledTimes(1);
  expect(outbox.unsent).toBe(0);
});
