import { expect, test } from '@jest/globals';
import { registerAll } from '../../../src/isolation/proxy/register-all.js';
import { errorOf } from '../../support/host.js';

/** Takes the thread for itself, as a schema may. */
function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('in order, and others get their turn in between', async () => {
  const order: string[] = [];
  const timer = setInterval(() => order.push('another'), 1);
  await registerAll(['a', 'b', 'c', 'd'], (name) => (order.push(name), work(40)), Infinity, {});
  clearInterval(timer);
  expect(order.filter((name) => name !== 'another')).toEqual(['a', 'b', 'c', 'd']);
  expect(order.lastIndexOf('another')).toBeGreaterThan(order.indexOf('b'));
});

test('ends at the deadline of register, and at the first that is refused', async () => {
  const registered: number[] = [];
  const many = Array.from({ length: 1000 }, (_, i) => i);
  const late = registerAll(many, (i) => (registered.push(i), work(30)), 20, { pluginId: 'slow' });
  expect(await errorOf(late)).toMatchObject({ code: 'ERR_LIFECYCLE_TIMEOUT', operation: 'register', timeoutMs: 20, pluginId: 'slow' });
  expect(registered.length).toBeLessThan(many.length);

  const refused = new Error('no');
  const seen: number[] = [];
  const refuse = (i: number): void => {
    seen.push(i);
    if (i === 2) throw refused;
  };
  await expect(registerAll(many, refuse, Infinity, {})).rejects.toBe(refused);
  expect(seen).toEqual([0, 1, 2]);
});
