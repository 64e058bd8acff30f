/** Who gets a thread, for how long, and what is taken back. Real threads, which call functions of the C library. */
import { readFile } from 'node:fs/promises';
import { afterEach, expect, test } from '@jest/globals';
import type { NativeCall } from '../../../src/library/native-call.js';
import { PluginQueue } from '../../../src/native/runners/plugin-queue.js';
import type { Ticket } from '../../../src/native/runners/ticket.js';
import { ThreadPool } from '../../../src/native/runners/thread-pool.js';
import { testWhere } from '../../support/fixtures.js';
import { pause, until } from '../../support/host.js';
import { Gate, absCall, atoiCall } from '../../support/native-calls.js';

const onPosix = testWhere(process.platform !== 'win32', 'Windows: the calls that block are functions of POSIX');

const threads = new ThreadPool();
await threads.warm();

const gates: Gate[] = [];
function gate(): Gate {
  const made = new Gate();
  gates.push(made);
  return made;
}
afterEach(() => gates.splice(0).forEach((each) => each.open()));

interface Started {
  readonly ticket: Ticket;
  readonly result: Promise<number>;
}

function start(queue: PluginQueue, call: NativeCall): Started {
  let resolve!: (result: number) => void;
  const result = new Promise<number>((done) => (resolve = done));
  const ticket = queue.enqueue({
    prepare: () => call,
    onReturn(status, left) {
      left();
      resolve(status);
    },
  });
  return { ticket, result };
}

/** Blocks a thread of the queue. Resolves when the call has begun. */
async function block(queue: PluginQueue, by: Gate): Promise<Started> {
  for (let ms = 1; ; ms *= 2) {
    const started = start(queue, by.call);
    await pause(ms);
    if (!queue.takeBack(started.ticket)) return started;
  }
}

test('results come back as they are', async () => {
  const queue = new PluginQueue({}, threads);
  const results = [absCall(-7), atoiCall('-5'), absCall(0)].map((call) => start(queue, call).result);
  expect(await Promise.all(results)).toEqual([7, -5, 0]);
});

test('a few hundred calls at once come back in the order in which they were made', async () => {
  const queue = new PluginQueue({}, threads);
  const order: number[] = [];
  await Promise.all(Array.from({ length: 700 }, (_, i) => start(queue, absCall(i)).result.then((result) => order.push(result))));
  expect(order).toEqual(Array.from({ length: 700 }, (_, i) => i));
});

onPosix('what has not begun can be taken back, and nothing else', async () => {
  const queue = new PluginQueue({}, threads);
  const by = gate();
  const first = await block(queue, by);
  let returned = 0;
  const others = Array.from({ length: 100 }, () => start(queue, absCall(1)));
  for (const { result } of others) void result.then(() => returned++);
  expect(others.slice(0, 99).every(({ ticket }) => queue.takeBack(ticket))).toBe(true);
  expect(queue.takeBack(first.ticket)).toBe(false);
  expect(queue.takeBack(others[0]!.ticket)).toBe(false); // a second time
  by.open();
  await others[99]!.result;
  expect(returned).toBe(1);
  expect(queue.takeBack(first.ticket)).toBe(false); // it has returned
});

onPosix('a queue whose call hangs holds one thread, and nothing of another queue or of Node', async () => {
  const hanging = new PluginQueue({}, threads);
  const by = gate();
  await block(hanging, by);
  const behind = start(hanging, absCall(1));
  for (let i = 0; i < 20; i++) await readFile(new URL(import.meta.url));
  expect(await start(new PluginQueue({}, threads), absCall(-2)).result).toBe(2);
  expect(hanging.inside).toBe(2);
  by.open();
  expect(await behind.result).toBe(1);
  await hanging.empty();
  expect(hanging.inside).toBe(0);
});

onPosix('with each thread in a call that hangs, another one is started', async () => {
  const own = new ThreadPool({ maxPrompt: 1 });
  await own.warm();
  const by = gate();
  const stuck = [await block(new PluginQueue({}, own), by), await block(new PluginQueue({}, own), by)];
  expect(await start(new PluginQueue({}, own), absCall(-3)).result).toBe(3);
  by.open();
  await Promise.all(stuck.map(({ result }) => result));
});

onPosix('there is a most of them', async () => {
  const own = new ThreadPool({ maxPrompt: 1, max: 2 });
  await own.warm();
  const by = gate();
  const stuck = [await block(new PluginQueue({}, own), by), await block(new PluginQueue({}, own), by)];
  const queue = new PluginQueue({}, own);
  const { ticket } = start(queue, absCall(1));
  await pause(500); // in which a third one would have been started, and would have made the call
  expect(queue.takeBack(ticket)).toBe(true);
  by.open();
  await Promise.all(stuck.map(({ result }) => result));
});

onPosix('an urgent queue gets a thread, though all hang and as many as are started promptly', async () => {
  const own = new ThreadPool({ maxPrompt: 1 });
  await own.warm();
  const by = gate();
  const stuck = await block(new PluginQueue({}, own), by);
  expect(await start(new PluginQueue({ isUrgent: true }, own), absCall(-3)).result).toBe(3);
  by.open();
  await stuck.result;
});

onPosix('of a thread-safe plugin, calls behind one that blocks go to other threads', async () => {
  const queue = new PluginQueue({ isThreadSafe: true }, threads);
  const by = gate();
  const blocked = await block(queue, by);
  expect(await Promise.all(Array.from({ length: 30 }, (_, i) => start(queue, absCall(i)).result))).toHaveLength(30);
  by.open();
  await blocked.result;
});

onPosix('of another plugin they wait', async () => {
  const queue = new PluginQueue({}, threads);
  const by = gate();
  const blocked = await block(queue, by);
  const behind = start(queue, absCall(1));
  await pause(50); // in which another thread would have made the call
  expect(queue.takeBack(behind.ticket)).toBe(true);
  by.open();
  await blocked.result;
});

onPosix('who waits gets the thread of a queue that has more to do, after its present call', async () => {
  const own = new ThreadPool({ maxPrompt: 1, max: 1 });
  await own.warm();
  const [one, other] = [new PluginQueue({}, own), new PluginQueue({}, own)];
  const by = gate();
  const order: string[] = [];
  const first = (await block(one, by)).result.then(() => order.push('one'));
  const more = Array.from({ length: 10 }, () => start(one, absCall(1)).result.then(() => order.push('one')));
  const turn = start(other, absCall(1)).result.then(() => order.push('other'));
  const waits = start(other, absCall(1));
  await until(() => one.inside === 1); // the rest has been taken back
  expect(other.takeBack(waits.ticket)).toBe(true);
  by.open();
  await Promise.all([first, turn, ...more]);
  expect(order.slice(0, 2)).toEqual(['one', 'other']);
});
