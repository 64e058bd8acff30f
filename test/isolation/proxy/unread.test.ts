import { describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../../support/fixtures.js';
import { errorOf, until } from '../../support/host.js';
import { gate } from '../../capability/active-plugin.js';
import { addTool, onInvoke, openFake } from '../fake.js';
import { openIn } from '../homes.js';

const MiB = 1 << 20;
const big = 'x'.repeat(MiB);

/** The header of a call, as an expression of a script. `n` is its number there. */
const call = `{ type: 'call', plugin: message.plugin, call: n, kind: 'tool', name: 'own', method: 'call', parent: 0, inside: false }`;

describe('what a child causes and does not read', () => {
  test('stops at some megabytes: nothing more is taken from it, and it is killed', async () => {
    const callForEver = `for (let n = 1; ; n++) { sendNow(${call}, '{}'); if (n % 20 === 0) sendNow({ type: 'pong' }); sleep(1); }`;
    const host = await openFake(onInvoke(callForEver), { heartbeatMs: 300 });
    let answered = 0;
    await addTool(host, 'own', () => (answered++, big));
    const error = await errorOf(host.tool('echo').call({}, { timeoutMs: Infinity }));
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_CRASHED', reason: 'was killed by the host: it read nothing of what it was sent for 900 ms' });
    // 16 MiB, and what had come in the same piece as the call that was one too many.
    expect(answered).toBeLessThan(1000);
  });

  test('is not kept without end: a call that finds too much of it is answered without what it asked for', async () => {
    const count = 200;
    const answered = path.join(temporaryFolder(), 'answered');
    const script = `
      if (message.type === 'callReply') {
        globalThis.codes.push(message.error === undefined ? payload.length : message.error.code);
        if (globalThis.codes.length === ${count}) send({ type: 'result', id: globalThis.id }, JSON.stringify(globalThis.codes));
        return;
      }
      if (message.type !== 'invoke') return behave(message);
      Object.assign(globalThis, { id: message.id, codes: [] });
      for (let n = 1; n <= ${count}; n++) sendNow(${call}, '{}');
      sleepUntilThereIs(${JSON.stringify(answered)});`;
    const host = await openFake(script, { maxPayloadBytes: MiB * 2 });
    const all = gate();
    let begun = 0;
    await addTool(host, 'own', async () => {
      if (++begun === count) {
        all.open();
        setImmediate(() => writeFileSync(answered, '')); // once all are answered
      }
      await all.promise;
      return big;
    });
    const codes = await host.tool('echo').call<unknown, readonly (number | string)[]>({});
    const whole = codes.filter((code) => code === big.length + 2);
    expect(whole.length).toBeGreaterThanOrEqual(64);
    expect(whole.length).toBeLessThan(70);
    expect(codes.filter((code) => code === 'ERR_PLUGIN_BUSY')).toHaveLength(count - whole.length);
  });

  test('is begun a little at a time, so that the host gets to other things in between', async () => {
    const count = 3000;
    const script = `
      if (message.type === 'callReply' && --globalThis.left === 0) send({ type: 'result', id: globalThis.id }, '1');
      if (message.type === 'callReply' || message.type === 'cancel') return;
      if (message.type !== 'invoke') return behave(message);
      Object.assign(globalThis, { id: message.id, left: ${count} });
      const all = Buffer.concat(Array.from({ length: ${count} }, (_, i) => { const n = i + 1; return frame(${call}, '{}'); }));
      raw(all);`;
    const host = await openFake(script);
    const begunInTurn: number[] = [0];
    await addTool(host, 'own', () => void begunInTurn.push((begunInTurn.pop() ?? 0) + 1));
    let isOver = false;
    const nextTurn = (): void => {
      begunInTurn.push(0);
      if (!isOver) setImmediate(nextTurn);
    };
    setImmediate(nextTurn);
    await host.tool('echo').call({});
    isOver = true;
    expect(begunInTurn.reduce((sum, each) => sum + each, 0)).toBe(count);
    expect(Math.max(...begunInTurn)).toBeLessThan(100);
  });

  test('ends with it: calls that nobody waits for any more are cancelled', async () => {
    const host = await openFake(onInvoke(`const n = 1; send(${call}, '{}'); setTimeout(() => process.exit(3), 50);`));
    let isCancelled = false;
    await addTool(host, 'own', async (_parameters, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      isCancelled = true;
    });
    expect(await errorOf(host.tool('echo').call({}))).toMatchObject({ code: 'ERR_PLUGIN_CRASHED', exitCode: 3 });
    await until(() => isCancelled);
  });

  test.each([
    ['calls', `for (let n = 1; n < 6000; n++) send(${call}, '{}')`, /more than 4096 calls at once/],
    ['bytes of input', `for (let n = 1; n < 100; n++) send(${call}, JSON.stringify({ x: 'x'.repeat(2 ** 20) }))`, /calls with more than 67108864 bytes at once/],
  ])('has so many %s', async (_name, attack, problem) => {
    const host = await openFake(onInvoke(attack), { maxPayloadBytes: MiB * 2 });
    const never = gate();
    await addTool(host, 'own', () => never.promise);
    expect((await errorOf(host.tool('echo').call({}))).message).toMatch(problem);
    never.open();
  });
});

describe('what a host sends a child', () => {
  test('may take long to read: a child that goes on with it is not killed', async () => {
    const env = { FAKE_CHILD_SCRIPT: onInvoke(`send({ type: 'result', id }, '1');`), FAKE_CHILD_READ_PAUSE_MS: '30' }; // 64 KiB each
    const host = await openFake('', { env, heartbeatMs: 150 });
    const input = JSON.stringify('x'.repeat(2 * MiB));
    const calls = Array.from({ length: 4 }, () => host.tool('echo').callRaw(input));
    expect(await Promise.all(calls)).toEqual(['1', '1', '1', '1']);
    expect(host.remote('good-c').restarts).toBe(0);
  });

  test('waits in the host while there is much of it, and can be called off there', async () => {
    const script = `
      if (message.type === 'cancel') return send({ type: 'failure', id: message.id, stillRunning: false, error: { code: 'ERR_INVOCATION_CANCELLED', step: 'active', fields: { capability: 'x', stillRunning: false } } });
      if (message.type !== 'invoke') return behave(message);
      globalThis.seen = (globalThis.seen ?? 0) + 1;
      if (globalThis.seen === 1) sleep(1000);
      if (payload === '{}') send({ type: 'result', id: message.id }, String(globalThis.seen));`;
    const host = await openFake(script);
    const stop = new AbortController();
    const input = JSON.stringify('x'.repeat(8 * MiB));
    const calls = Array.from({ length: 20 }, () => errorOf(host.tool('echo').callRaw(input, { signal: stop.signal })));
    stop.abort();
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'ERR_INVOCATION_CANCELLED' });
    expect(await host.tool('echo').call({})).toBeLessThan(6);
  });
});

test('what waits for a child that comes back is given up as one is, however much it is', async () => {
  const host = await openIn('process', ['good-c'], { restart: { firstPauseMs: 600_000 } });
  process.kill(host.remote('good-c').pid ?? 0, 'SIGKILL');
  await until(() => host.remote('good-c').state === 'restarting');
  // With a look at all of them for each, these would take minutes.
  const waiting = Array.from({ length: 60_000 }, () => errorOf(host.tool('echo').call({})));
  await host.registry.shutdownAll();
  for (const error of await Promise.all(waiting)) expect(error.code).toBe('ERR_PLUGIN_CLOSED');
});

test('a plugin that makes more calls at once than it may is told so, and goes on', async () => {
  const host = await openIn('process', ['good-c']);
  const all = gate();
  let begun = 0;
  await addTool(host, 'own', async () => {
    begun++;
    await all.promise;
    return 'answered';
  });
  const { pid } = host.remote('good-c');
  const refused: unknown[] = [];
  const calls = Array.from({ length: 4500 }, () => host.tool('host_call').call({ name: 'own', input: {} }).catch((error: unknown) => refused.push(error)));
  await until(() => begun + refused.length === 4500);
  all.open(); // 4096 answers at once
  const answers = await Promise.all(calls);
  expect(answers.filter((answer) => answer === 'answered')).toHaveLength(4096);
  expect(refused).toHaveLength(404);
  for (const error of refused) expect(error).toMatchObject({ code: 'ERR_INVOCATION_FAILED', status: 'BUSY' });
  expect(host.remote('good-c').pid).toBe(pid);
});
