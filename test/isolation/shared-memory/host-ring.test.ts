/** The host's end of the shared memory, with real memory that the test itself writes as a child would, or as one should not. */
import { describe, expect } from '@jest/globals';
import { LARGE_AREAS, MAX_CAPABILITIES, Ring, SLOTS, W } from '../../../src/isolation/wire/slot-layout.js';
import { testWhere } from '../../support/fixtures.js';
import { canShare, openRing } from './memory.js';

const test = testWhere(canShare, 'memory is shared on Linux, x64 and arm64');

describe('a call', () => {
  test('is put into a slot with room for input and answer, and answered from there', () => {
    const { ring, child, answers, publish } = openRing();
    const slot = publish('{"a":"é"}', { capability: 7, chainLength: 3 })!;
    expect(child.take()).toBe(slot);
    expect(child.input(slot)).toBe('{"a":"é"}');
    expect([child.word(slot, 'id'), child.word(slot, 'capability'), child.word(slot, 'chainLength')]).toEqual([1, 7, 3]);
    expect(child.word(slot, 'outputBytes')).toBe(65_536);
    expect(ring.take()).toBe(0);
    child.answer(slot, '{"b":"ü"}');
    expect(ring.take()).toBe(1);
    expect(answers).toMatchObject([{ id: 1, text: '{"b":"ü"}' }]);
    expect(ring.inFlight).toBe(0);
  });

  test('has its context in the area of its input, after a NUL, and one without has none', () => {
    const { ring, child, publish } = openRing();
    const contextIn = (slot: number): string => {
      const bytes = child.word(slot, 'contextBytes');
      const at = child.word(slot, 'input') + child.word(slot, 'inputBytes') + 1;
      return Buffer.from(child.memory.view(at, bytes + 1)).toString();
    };
    for (const input of ['', '{}', '€'.repeat(21_845), 'x'.repeat(1 << 20)]) {
      for (const context of ['{}', '{"a":"é"}', JSON.stringify({ text: 'é'.repeat(32_000) })]) {
        const slot = publish(input, { context })!;
        expect(child.input(slot)).toBe(input);
        expect(contextIn(slot)).toBe(`${context}\0`);
        child.take();
        child.answer(slot, '1');
        ring.take();
      }
    }
    const slots = Array.from({ length: SLOTS }, () => publish('{}')!);
    expect(slots.map((slot) => child.word(slot, 'contextBytes'))).toEqual(slots.map(() => 0));
  });

  test('that is INLINE waits in a ring of its own', () => {
    const { child, publish } = openRing();
    publish('1');
    const slot = publish('2', { isInline: true });
    expect(child.take(Ring.inline)).toBe(slot);
    expect(child.take(Ring.inline)).toBeUndefined();
  });

  test('gets three bytes of room for each unit of its text, and a NUL after it', () => {
    const { child, publish } = openRing();
    const text = '€'.repeat(21_845);
    const slot = publish(text)!;
    expect(child.word(slot, 'inputBytes')).toBe(65_535);
    expect(child.input(slot)).toBe(text);
    expect(new Uint8Array(child.memory.view(child.word(slot, 'input') + 65_535, 1))[0]).toBe(0);
    const larger = publish(`${text}€`)!;
    expect(child.input(larger)).toBe(`${text}€`);
    expect(child.word(larger, 'outputBytes')).toBeGreaterThan(65_536);
  });

  test('whose answers were large gets more room the next time', () => {
    const { ring, child, publish } = openRing();
    ring.expect(4, 1_000_000);
    expect(child.word(publish('1', { capability: 4 })!, 'outputBytes')).toBeGreaterThanOrEqual(1_000_000);
    expect(child.word(publish('1', { capability: 5 })!, 'outputBytes')).toBe(65_536);
  });

  test('for which the host waits on its thread gets more room, because it could not read an answer that comes as a message', () => {
    const { child, publish } = openRing();
    expect(child.word(publish('1', {}, true)!, 'outputBytes')).toBeGreaterThanOrEqual(256 << 10);
    for (let i = 1; i < LARGE_AREAS; i++) publish('x'.repeat(30_000));
    expect(child.word(publish('1', {}, true)!, 'outputBytes')).toBe(65_536); // all large areas are in use
  });

  test('has no room if all slots, or all large areas, are in use; and never if it is too large', () => {
    const { ring, publish } = openRing();
    const large = 'x'.repeat(30_000);
    const slots = Array.from({ length: LARGE_AREAS + 1 }, () => publish(large));
    expect(slots.filter((slot) => slot === undefined)).toHaveLength(1);
    for (let i = LARGE_AREAS; i < SLOTS; i++) expect(publish('1')).toEqual(expect.any(Number));
    expect(publish('1')).toBeUndefined();
    expect([ring.fits(0, 16 << 20), ring.fits(0, 1 << 20), ring.fits(MAX_CAPABILITIES, 1)]).toEqual([false, true, false]);
  });

  test('is answered after the messages that were sent before, and in the order in which calls were made', () => {
    const { ring, child, answers, publish } = openRing();
    const slots = ['1', '2', '3'].map((input) => publish(input)!);
    slots.forEach(() => child.take());
    child.answer(slots[2]!, '"third"');
    child.answer(slots[1]!, '"second"', { sent: 2 });
    child.answer(slots[0]!, '"first"');
    ring.take();
    expect(answers.map(({ text }) => text)).toEqual(['"first"', '"third"']);
    ring.onMessage();
    expect(answers).toHaveLength(2);
    ring.onMessage();
    expect(answers.map(({ text }) => text)).toEqual(['"first"', '"third"', '"second"']);
  });

  test('is answered if it had returned before its child ended', () => {
    const { ring, child, answers, publish } = openRing();
    const slots = [publish('1')!, publish('2')!];
    child.answer(slots[0]!, '1');
    child.answer(slots[1]!, '2', { sent: 5 });
    ring.close();
    expect(answers.map(({ text }) => text)).toEqual(['1', '2']);
  });
});

describe('a slot', () => {
  test('is cancelled by a word in the memory, and stays so for whoever looks at it later', () => {
    const { ring, child, publish } = openRing();
    const slot = publish('1')!;
    const epoch = child.word(slot, 'epoch');
    expect(child.word(slot, 'cancel')).toBe(epoch);
    ring.cancel(slot);
    expect(child.word(slot, 'cancel')).not.toBe(epoch);
    child.answer(slot, '1');
    ring.take();
    while (publish('2') !== slot);
    expect(child.word(slot, 'cancel')).toBe(child.word(slot, 'epoch'));
    expect(child.word(slot, 'cancel')).not.toBe(epoch);
  });

  test('that was taken back is used again only when the child has passed it', () => {
    const { ring, child, answers, publish } = openRing();
    const slot = publish('1')!;
    expect(ring.takeBack(slot)).toBe(true);
    for (let i = 1; i < SLOTS; i++) expect(publish('2')).not.toBe(slot);
    expect(publish('2')).toBeUndefined();
    child.take();
    child.finish(slot);
    ring.take();
    expect(publish('3')).toBe(slot);
    expect(answers).toEqual([]);
  });

  test('that has begun is not taken back', () => {
    const { ring, child, publish } = openRing();
    const slot = publish('1')!;
    child.take();
    expect(ring.takeBack(slot)).toBe(false);
  });

  test('whose answer comes by a message is free when that has come', () => {
    const { ring, child, answers, publish } = openRing();
    const slot = publish('1')!;
    child.take();
    ring.leave(slot);
    expect(ring.inFlight).toBe(0);
    child.finish(slot); // a child that says so all the same is not heard
    expect(ring.take()).toBe(0);
    ring.free(slot);
    expect(publish('2')).toBe(slot);
    expect(answers).toEqual([]);
  });

  test('holds nothing of an answer when the next call gets it, not even of one that was longer than it said', () => {
    const { ring, child, publish } = openRing();
    const slot = publish('1')!;
    child.answer(slot, 'x'.repeat(5_000), { length: 10 });
    ring.take();
    expect(publish('2')).toBe(slot);
    const output = new Uint8Array(child.memory.view(child.word(slot, 'output'), 65_536));
    expect(output.some((byte) => byte !== 0)).toBe(false);
  });
});

describe('what a child should not write', () => {
  test('a slot whose answer comes twice, by a message and in the memory, is free once', () => {
    const { ring, child, answers, publish } = openRing();
    const slot = publish('1')!;
    child.take();
    child.answer(slot, '1', { sent: 1 });
    ring.take(); // deferred: a message is to be read before
    ring.free(slot);
    ring.free(slot);
    ring.onMessage();
    expect(answers).toEqual([]);
    const again = Array.from({ length: SLOTS + 1 }, () => publish('2'));
    expect(new Set(again).size).toBe(SLOTS + 1); // each slot, and none
    expect(again.at(-1)).toBeUndefined();
  });

  test('bits of slots that are not in a ring mean nothing', () => {
    const { ring, child, publish } = openRing();
    publish('1');
    for (let i = 0; i < 2; i++) child.words[W.done + i] = -1;
    expect(ring.take()).toBe(1);
    for (let i = 0; i < 2; i++) child.words[W.done + i] = -1;
    expect(ring.take()).toBe(0);
  });

  for (const value of [0, 1, -1, 0x7fff_ffff, -0x8000_0000, 65_537]) test(`${value} as a tail, an entry, an offset or a size changes nothing for the host`, () => {
    const { ring, child, answers, publish } = openRing();
    const slot = publish('"in"')!;
    for (const word of [W.tail, W.tail + 1, W.entries, W.entries + 1]) child.words[word] = value;
    child.answer(slot, '"out"');
    const base = W.slots + slot * 32;
    for (let i = 0; i < 13; i++) child.words[base + i] = value;
    expect(ring.take()).toBe(1);
    expect(answers).toMatchObject([{ text: '"out"', reply: { capacity: 65_536 } }]);
    const next = publish('"again"');
    expect(next).toBe(slot);
    expect(child.input(slot)).toBe('"again"');
  });

  for (const length of [-1, 65_537, 0x7fff_ffff, -0x8000_0000]) test(`a length of ${length} is told as a length, and never read`, () => {
    const { ring, child, answers, publish } = openRing();
    child.answer(publish('1')!, '1', { length });
    ring.take();
    expect(answers[0]?.reply).toMatchObject({ length: length >>> 0, capacity: 65_536 });
  });
});
