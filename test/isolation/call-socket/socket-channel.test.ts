/** The host's end of the socket for calls, with a real connection whose other end the test writes, as a child would or should not. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { CALL, CALL_HEADER_BYTES, INLINE_FLAG, callBytes, paddedTo4 } from '../../../src/isolation/wire/call-socket/layout.js';
import { SocketChannel } from '../../../src/isolation/wire/call-socket/socket-channel.js';
import type { ChannelCall } from '../../../src/isolation/wire/call-channel.js';
import { Ring, SLOT, SLOTS, SlotFlag } from '../../../src/isolation/wire/slot-layout.js';
import { pause, until } from '../../support/host.js';
import { connectPair, type Pair } from '../wire/connect-pair.js';
import { answerFrame, type TestAnswer } from './answers.js';

let pair: Pair;
afterEach(() => pair.close());

interface Received {
  readonly id: number;
  readonly slot: number;
  readonly flags: number;
  readonly text: string;
}

async function open() {
  pair = await connectPair();
  const problems: string[] = [];
  const stalls: number[] = [];
  const answers: { id: number; text: string; isOwned: boolean; length: number }[] = [];
  const channel = new SocketChannel(pair.socket, {
    onStall: (ring) => void stalls.push(ring),
    onUselessBell: () => undefined,
    onLostWakeUp: () => undefined,
    onBroken: (problem) => {
      problems.push(problem);
      channel.close();
    },
    onClose: () => undefined,
  });
  let stream: Buffer = Buffer.alloc(0);
  pair.peer.on('data', (bytes: Buffer) => (stream = Buffer.concat([stream, bytes])));
  const received: Received[] = [];
  const take = (): void => {
    for (const word = (index: number): number => stream.readInt32LE(index * 4); stream.length >= CALL_HEADER_BYTES; ) {
      const length = word(SLOT.inputBytes);
      const size = CALL_HEADER_BYTES + paddedTo4(callBytes(length, word(CALL.contextBytes)));
      if (stream.length < size) return;
      received.push({ id: word(SLOT.id), slot: word(CALL.slot), flags: word(SLOT.flags), text: stream.toString('utf8', CALL_HEADER_BYTES, CALL_HEADER_BYTES + callBytes(length, word(CALL.contextBytes))) });
      stream = stream.subarray(size);
    }
  };
  let lastId = 0;
  return {
    channel, problems, stalls, answers,
    publish: (input: string, more: Partial<ChannelCall> = {}): number | undefined => {
      const id = ++lastId;
      return channel.publish({ id, capability: 0, method: 0, isInline: false, chunks: false, drain: false, chainLength: 0, input, ...more }, ({ block, length, capacity, isOwned }) => {
        const text = block.bytes.toString('utf8', 0, length <= capacity ? length : 0);
        return () => void answers.push({ id, text, isOwned, length });
      });
    },
    calls: async (count: number): Promise<readonly Received[]> => {
      await until(() => {
        take();
        return received.length >= count;
      });
      return received;
    },
    say: (...given: readonly TestAnswer[]) => void pair.peer.write(Buffer.concat(given.map(answerFrame))),
  };
}

describe('a call', () => {
  test('is sent with all that the child needs, those of one turn together, and answered', async () => {
    const { publish, calls, say, answers } = await open();
    const slots = ['{"a":"é"}', '', '"three"'].map((input, i) => publish(input, { isInline: i === 1, chunks: i === 2, context: i === 2 ? '{}' : undefined })!);
    expect(new Set(slots).size).toBe(3);
    expect(await calls(3)).toEqual([
      { id: 1, slot: slots[0], flags: 0, text: '{"a":"é"}' },
      { id: 2, slot: slots[1], flags: INLINE_FLAG, text: '' },
      { id: 3, slot: slots[2], flags: SlotFlag.chunks, text: '"three"\0{}' },
    ]);
    say({ slot: slots[2]!, text: '"third"' }, { slot: slots[0]!, text: '"ü"' });
    await until(() => answers.length === 2);
    expect(answers.map(({ id, text }) => [id, text])).toEqual([[3, '"third"'], [1, '"ü"']]);
  });

  test('has no room if all slots are in use, and a slot is used again when it was answered', async () => {
    const { publish, say, answers } = await open();
    const slots = Array.from({ length: SLOTS }, (_, i) => publish(`${i}`)!);
    expect(publish('more')).toBeUndefined();
    say({ slot: slots[5]!, text: '5' });
    await until(() => answers.length === 1);
    expect(publish('more')).toBe(slots[5]);
  });

  test('fits if three bytes for each unit of its text, and two NULs, fit into a slot', async () => {
    const { channel } = await open();
    expect([channel.fits(0, 21_844), channel.fits(0, 21_845), channel.fits(1024, 1)]).toEqual([true, false, false]);
  });

  test('of the largest text arrives, also if all slots have one and the child reads late', async () => {
    const { publish, calls } = await open();
    pair.peer.pause();
    const text = '€'.repeat(21_844);
    for (let i = 0; i < SLOTS; i++) expect(publish(text)).toEqual(expect.any(Number));
    await pause(50);
    pair.peer.resume();
    for (const call of await calls(SLOTS)) expect(call.text === text).toBe(true);
  });

  test('is answered after the messages that were sent before', async () => {
    const { channel, publish, say, answers } = await open();
    const slots = [publish('1')!, publish('2')!, publish('3')!];
    say({ slot: slots[0]!, text: '"late"', sent: 2 }, { slot: slots[1]!, text: '"early"' });
    await until(() => answers.length === 1);
    channel.onMessage();
    say({ slot: slots[2]!, text: '"overwrites"', sent: 1 });
    await until(() => answers.length === 2);
    channel.onMessage();
    expect(answers.map(({ text }) => text)).toEqual(['"early"', '"overwrites"', '"late"']);
  });

  test('is answered if it had returned before its child ended', async () => {
    const { channel, publish, say, answers } = await open();
    const slots = [publish('1')!, publish('2')!];
    say({ slot: slots[0]!, text: '"deferred"', sent: 5 }, { slot: slots[1]!, text: '"answered"' });
    await until(() => answers.length === 1);
    channel.close();
    expect(answers.map(({ text }) => text)).toEqual(['"answered"', '"deferred"']);
  });

  test('whose answer comes by a message is free when that has come', async () => {
    const { channel, publish, say, problems } = await open();
    const slot = publish('1')!;
    channel.leave(slot);
    channel.free(slot);
    channel.free(slot);
    expect(new Set(Array.from({ length: SLOTS }, () => publish('2'))).size).toBe(SLOTS);
    expect(publish('3')).toBeUndefined();
    channel.free(slot);
    say({ slot, text: '1' });
    await until(() => problems.length === 1);
  });

  test('that is cancelled is told to the child once the call has been sent', async () => {
    const { channel, publish, calls } = await open();
    pair.peer.pause();
    const told: number[] = [];
    for (let i = 0; i < SLOTS; i++) publish('x'.repeat(21_844));
    for (let slot = 0; slot < SLOTS; slot++) channel.cancel(slot, () => void told.push(slot));
    expect(told).toEqual([]);
    pair.peer.resume();
    await calls(SLOTS);
    await until(() => told.length === SLOTS);
  });
});

describe('help', () => {
  test('is asked for once if nothing returns, and again when something was sent; for INLINE calls, and all of a thread-safe plugin', async () => {
    const { channel, publish, stalls } = await open();
    publish('1');
    await pause(30);
    expect(stalls).toEqual([]);
    publish('2');
    await until(() => stalls.length > 0);
    await pause(30);
    expect(stalls).toEqual([Ring.inline]);
    channel.isThreadSafe = true;
    publish('3');
    await until(() => stalls.length > 1);
    expect(stalls).toEqual([Ring.inline, Ring.inline, Ring.plain]);
  });

  test('is asked for again when nothing has returned for a second, even for a single call', async () => {
    const { publish, stalls, say, answers } = await open();
    const slot = publish('1')!;
    await until(() => stalls.length > 1);
    say({ slot, text: '2' });
    await until(() => answers.length > 0);
  });

  test('is asked for a single INLINE call', async () => {
    const { publish, stalls } = await open();
    publish('1', { isInline: true });
    await until(() => stalls.length > 0);
  });
});

describe('what a child should not send', () => {
  for (const [name, answer, problem] of [
    ['an answer of a slot that is not open', { slot: 5 }, 'an answer of slot 5, which is not open'],
    ['an answer of a slot that does not exist', { slot: 64 }, 'an answer of slot 64, which is not open'],
    ['an answer of the largest slot', { slot: 65_535 }, 'an answer of slot 65535, which is not open'],
    ['an answer of an unknown kind', { slot: 0, kind: 3 }, 'an answer of kind 3'],
    ['that memory was given back that was not', { slot: 0, kind: 2 }, 'that memory was given back twice'],
  ] as const) test(name, async () => {
    const { publish, say, problems, answers } = await open();
    publish('1');
    say(answer, { slot: 0, text: 'ignored' });
    await until(() => problems.length > 0);
    expect([problems, answers]).toEqual([[problem], []]);
  });

  test('two answers in one slot', async () => {
    const { publish, say, problems, answers } = await open();
    const slot = publish('1')!;
    say({ slot, text: '1' }, { slot, text: '1' });
    await until(() => problems.length > 0);
    expect([answers.length, problems]).toEqual([1, [`an answer of slot ${slot}, which is not open`]]);
  });

  test('two answers in memory of the plugin, of which it got none back', async () => {
    const { channel, publish, say, problems } = await open();
    const slots = [publish('1')!, publish('2')!, publish('3')!];
    say({ slot: slots[0]!, kind: 1, text: '1' });
    await until(() => channel.watchRelease() !== undefined);
    const isStuck = channel.watchRelease()!;
    expect(isStuck()).toBe(true);
    say({ slot: 0, kind: 2 }, { slot: slots[1]!, kind: 1, text: '1' });
    await until(() => !isStuck());
    say({ slot: slots[2]!, kind: 1, text: '1' });
    await until(() => problems.length > 0);
    expect(problems).toEqual(['two answers in memory that the plugin gets back at the same time']);
  });

  test('a length that is more than the room is told as a length, and nothing is read', async () => {
    const { publish, say, answers } = await open();
    const slots = [publish('1')!, publish('2')!];
    say({ slot: slots[0]!, length: 65_537 }, { slot: slots[1]!, length: 0xffff_ffff });
    await until(() => answers.length === 2);
    expect(answers.map(({ length, text }) => [length, text])).toEqual([[65_537, ''], [0xffff_ffff, '']]);
  });
});
