/** Chunks: in order, before the answer, no more than the host has room for. */
import { describe, expect, test } from '@jest/globals';
import { errorOf, openHost, pause } from '../support/host.js';

const host = await openHost(['good-c']);

const numbersOf = (chunks: readonly unknown[]): number[] => chunks.map((chunk) => (chunk as { i: number }).i);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('chunks', () => {
  test('come in order and before the answer', async () => {
    const seen: unknown[] = [];
    const answer = await host.tool('stream').call({ count: 2000 }, { onChunk: (chunk) => void seen.push(chunk) });
    seen.push('answer');
    expect(answer).toEqual({ count: 2000 });
    expect(seen.pop()).toBe('answer');
    expect(numbersOf(seen)).toEqual(upTo(2000));
  });

  test('all come before the answer to a slow receiver too', async () => {
    const seen: unknown[] = [];
    const onChunk = async (chunk: unknown): Promise<void> => {
      await pause(1);
      seen.push(chunk);
    };
    await host.tool('stream').call({ count: 300 }, { onChunk });
    expect(numbersOf(seen)).toEqual(upTo(300));
  });

  test('come to each of several invocations as its own', async () => {
    const streams = Array.from({ length: 8 }, async (_, stream) => {
      const seen: unknown[] = [];
      await host.tool('stream').call({ count: 200 + stream }, { onChunk: (chunk) => void seen.push(chunk) });
      return numbersOf(seen);
    });
    expect(await Promise.all(streams)).toEqual(Array.from({ length: 8 }, (_, stream) => upTo(200 + stream)));
  });

  test('are dropped where nobody asked for them', async () => {
    expect(await host.tool('stream').call({ count: 1000 })).toEqual({ count: 1000 });
  });

  test('that are no JSON end the invocation with a typed error', async () => {
    const own = await openHost(['rule-breaker']);
    const error = await errorOf(own.tool('bad_chunk').call({}, { onChunk: () => undefined }));
    expect(error).toMatchObject({ code: 'ERR_INVALID_REPLY', expected: 'JSON', capability: 'tool bad_chunk' });
  });
});

describe('back-pressure', () => {
  test('a producer that does not heed FULL loses what it emits meanwhile, and no more', async () => {
    const own = await openHost(['rule-breaker']);
    const waiting: (() => void)[] = [];
    let taken = 0;
    const onChunk = (): Promise<void> | undefined => {
      taken++;
      return taken === 1 ? new Promise((resolve) => waiting.push(resolve)) : undefined;
    };
    let told: Record<string, number> | undefined;
    const flood = own
      .tool('flood')
      .call({ count: 5000 }, { onChunk })
      .then((answer) => (told = answer as Record<string, number>));
    while (waiting.length === 0) await pause(1);
    // The plugin takes one call at a time: this one's turn is when the flood is over.
    await own.tool('many_threads').call({ threads: 1 });
    waiting[0]?.();
    await flood;
    expect(told?.other).toBe(0);
    expect(told?.full).toBeGreaterThan(0);
    expect((told?.accepted ?? 0) + (told?.full ?? 0)).toBe(5000);
    expect(taken).toBe(told?.accepted);
  });

  test('one that waits for room loses nothing, however slow the receiver is', async () => {
    const seen: unknown[] = [];
    let inside = 0;
    let most = 0;
    const onChunk = async (chunk: unknown): Promise<void> => {
      most = Math.max(most, ++inside);
      if (seen.length % 100 === 0) await pause(5);
      seen.push(chunk);
      inside--;
    };
    await host.tool('stream').call({ count: 2000, bytes: 60_000 }, { onChunk });
    expect(numbersOf(seen)).toEqual(upTo(2000));
    expect(most).toBe(1);
  });

  test('the memory that waits is bounded', async () => {
    let held = 0;
    const before = process.memoryUsage().rss;
    const onChunk = async (): Promise<void> => {
      if (held++ % 50 === 0) await pause(1);
    };
    await host.tool('stream').call({ count: 4000, bytes: 65_000 }, { onChunk }); // 260 MB in all
    expect(held).toBe(4000);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
  });
});
