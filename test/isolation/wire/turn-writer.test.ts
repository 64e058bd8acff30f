import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Socket } from 'node:net';
import { TurnWriter } from '../../../src/isolation/wire/turn-writer.js';
import { connectPair, type Pair } from './connect-pair.js';

let pair: Pair;
let socket: Socket;
let writes: jest.SpiedFunction<Socket['write']>;
beforeEach(async () => {
  pair = await connectPair();
  socket = pair.socket;
  writes = jest.spyOn(socket, 'write'); // counted, not replaced
});
afterEach(() => pair.close());

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const words = Array.from({ length: 64 }, (_, i) => `frame ${i};`);

test('frames of one turn are one write, in order', async () => {
  const writer = new TurnWriter(socket);
  for (const word of words) writer.later(Buffer.from(word));
  expect(writes).not.toHaveBeenCalled();
  await pair.arrives(words.join(''));
  expect(writes).toHaveBeenCalledTimes(1);
});

test('frames that are put by promises of the same turn belong to it', async () => {
  const writer = new TurnWriter(socket);
  await Promise.all(words.map(async (word, i) => {
    for (let hops = i % 5; hops > 0; hops--) await Promise.resolve();
    writer.later(Buffer.from(word));
  }));
  await turn();
  expect(writes.mock.calls.length).toBeLessThanOrEqual(2);
});

test('a frame that cannot wait is written before the call returns, after those that wait', async () => {
  const writer = new TurnWriter(socket);
  writer.later(Buffer.from('first '));
  writer.now(Buffer.from('second '));
  expect(writes).toHaveBeenCalledTimes(1);
  expect(socket.bytesWritten).toBe('first second '.length);
  writer.later(Buffer.from('third'));
  await pair.arrives('first second third');
  expect(writes).toHaveBeenCalledTimes(2);
});

test('of a frame that cannot wait it is told when the operating system has it', async () => {
  const writer = new TurnWriter(socket);
  await new Promise<void>((resolve) => writer.now(Buffer.from('frame'), resolve));
  await pair.arrives('frame');
});

test('large frames are one system call too, and are not copied', async () => {
  const writer = new TurnWriter(socket);
  const large = 'x'.repeat(100_000);
  const frames = [large, 'y', large].map((text) => Buffer.from(text));
  const corks = jest.spyOn(socket, 'uncork');
  for (const frame of frames) writer.later(frame);
  await pair.arrives(`${large}y${large}`);
  expect(corks).toHaveBeenCalledTimes(1);
  expect(writes.mock.calls.map(([frame]) => frame)).toEqual(frames);
});
