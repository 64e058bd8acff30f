import { describe, expect, test } from '@jest/globals';
import { isWine, testWhere } from '../../support/fixtures.js';
import { HANG_MS } from '../../support/hang.js';
import { until } from '../../support/host.js';
import { openIn } from '../homes.js';

const LINE = /^line (\d+) of a plugin that does not stop$/;
const DROPPED = /^(\d+) lines were dropped here/;
const FLOOD = 100_000;

describe('what a plugin in a child prints', () => {
  test('is logged by line under its id, with where it came from', async () => {
    const lines: unknown[] = [];
    const ignore = (): void => undefined;
    const write = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
      if (fields?.stream !== undefined) lines.push({ level, message, ...fields });
    };
    const host = await openIn('process', ['crasher'], { logger: { debug: ignore, info: write('info'), warn: write('warn'), error: ignore } });
    expect(await host.tool('worker').call({ fault: 'garbage' })).toEqual({ survived: true });
    await host.registry.shutdownAll();
    const garbage = '\ufffd\ufffd\ufffd\ufffd garbage \\u0000\\u0001\\u0002 {"type":"result"}';
    expect(lines).toContainEqual({ level: 'info', message: garbage, pluginId: 'crasher', stream: 'stdout' });
    expect(lines).toContainEqual({ level: 'warn', message: garbage, pluginId: 'crasher', stream: 'stderr' });
  });

  testWhere(!isWine, 'wine: to print so many lines takes longer than five minutes')(`is bounded: of ${FLOOD} lines each is logged or counted, and another plugin is answered meanwhile`, async () => {
    let flood = await flooded();
    // On a busy machine the flood may be over before the other plugin has got to answer so often.
    for (let tries = 1; flood.answered <= 10 && tries < 10; tries++) flood = await flooded();
    expect(flood.answered).toBeGreaterThan(10);

    const { messages } = flood;
    const counts = messages.flatMap((message) => DROPPED.exec(message)?.slice(1, 2) ?? []).map(Number);
    const numbers = messages.flatMap((message) => LINE.exec(message)?.slice(1, 2) ?? []).map(Number);
    expect(numbers.length + counts.reduce((sum, n) => sum + n, 0)).toBe(FLOOD);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b)); // in order, none twice
    expect(counts.length).toBeGreaterThan(0);
    expect(counts.length).toBeLessThan(numbers.length / 100); // what is dropped is no flood of its own
  });
});

/** A flood in one child: how many calls another one answered meanwhile, and what was logged of it. */
async function flooded(): Promise<{ readonly answered: number; readonly messages: readonly string[] }> {
  const host = await openIn('process', ['crasher']);
  const other = await openIn('process', ['good-c']);
  let isOver = false;
  const flood = host.tool('worker').call({ fault: 'flood' }, { timeoutMs: HANG_MS }).finally(() => (isOver = true));
  await until(() => host.log.length > 0);
  let answered = 0;
  while (!isOver) {
    expect(await other.tool('echo').call({ answered })).toEqual({ answered });
    answered++;
  }
  expect(await flood).toEqual({ survived: true });
  await host.registry.shutdownAll(); // what was dropped last is told at the end
  return { answered, messages: host.log.filter(({ pluginId }) => pluginId === 'crasher').map(({ message }) => message) };
}
