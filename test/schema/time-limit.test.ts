import { describe, expect, test } from '@jest/globals';
import { TimeoutError, withinTime } from '../../src/schema/time-limit.js';
import { answerOf } from '../support/child.js';

/** Sleeps as a process does that gets no processor. */
const sleep = (ms: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

function usedMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe('what ends in time', () => {
  test('has its result, also where that is nothing', () => {
    expect(withinTime(1000, () => 5)).toBe(5);
    expect(withinTime(1000, () => undefined)).toBeUndefined();
  });

  test('has its error, as it was thrown', () => {
    const mine = new RangeError('mine');
    expect(() => withinTime(1000, () => { throw mine; })).toThrow(mine);
    expect(() => withinTime(1000, () => { throw undefined as unknown as Error; })).toThrow();
  });
});

describe('what does not end is stopped', () => {
  test.each<[string, () => unknown]>([
    ['a loop', () => { for (;;); }],
    ['a loop that catches everything', () => { for (;;) try { for (;;); } catch { continue; } }],
    ['a regular expression', () => /^(a+)+$/.test(`${'a'.repeat(60)}!`)],
    ['work through a native function', () => [1, 2].sort(() => { for (;;); })],
  ])('%s', (_what, run) => {
    expect(() => withinTime(20, run)).toThrow(TimeoutError);
    expect(withinTime(1000, () => 'the next')).toBe('the next');
  });
});

describe('one inside another', () => {
  test('each has its own time', () => {
    const inner = (): string => {
      expect(() => withinTime(20, () => { for (;;); })).toThrow(TimeoutError);
      return withinTime(1000, () => 'inner');
    };
    expect(withinTime(5000, () => [inner(), 'outer'])).toEqual(['inner', 'outer']);
  });

  test('when the outer one is stopped, the inner one is too', () => {
    let isPast = false;
    const run = (): void => {
      withinTime(60_000, () => { for (;;); });
      isPast = true;
    };
    expect(() => withinTime(20, run)).toThrow(TimeoutError);
    expect([isPast, withinTime(1000, () => 'the next')]).toEqual([false, 'the next']);
  });
});

describe('a process that gets no processor', () => {
  test('is run again', () => {
    let runs = 0;
    expect(withinTime(200, () => (++runs === 1 ? sleep(1000) : 'done'))).toBe('done');
    expect(runs).toBe(2);
  });

  test('has half of the limit in each attempt, whatever those before have used', () => {
    let runs = 0;
    const starved = (): void => {
      for (const before = process.cpuUsage(); usedMs(before) < 300; ) for (let i = 0; i < 1e5; i++);
      sleep(10_000);
    };
    expect(withinTime(1000, () => (++runs < 3 ? starved() : 'done'))).toBe('done');
    expect(runs).toBe(3);
  });

  test('but not for ever, nor where it has worked', () => {
    let runs = 0;
    expect(() => withinTime(200, () => { runs++; for (;;) sleep(5); })).toThrow(TimeoutError);
    expect(runs).toBeGreaterThan(1);
    // How often depends on the machine. None begins once they have had the processor for the limit; 10 ms are for what else is measured.
    const before = process.cpuUsage();
    const usedAtStart: number[] = [];
    expect(() => withinTime(50, () => { usedAtStart.push(usedMs(before)); for (;;); })).toThrow(TimeoutError);
    expect(Math.max(...usedAtStart)).toBeLessThan(60);
  });
});

test('nothing of what was run is kept', async () => {
  const script = `
    const { withinTime } = require('./build/modules/schema/time-limit.js');
    const held = (() => {
      const big = new Array(1000).fill(1);
      withinTime(1000, () => big.length);
      try { withinTime(20, () => { for (;;) big.length; }); } catch {}
      return new WeakRef(big);
    })();
    await pause(1); // a WeakRef holds until its turn is over
    gc();
    console.log(JSON.stringify(held.deref() === undefined));`;
  expect(await answerOf(script)).toBe(true);
});
