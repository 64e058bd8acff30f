import { closeSync } from 'node:fs';
import { createSharedMemory, mapSharedMemory, type SharedMemory } from '../../../src/library/index.js';
import { Block } from '../../../src/library/memory.js';
import type { ChannelCall, ChannelReply, OnReturn } from '../../../src/isolation/wire/call-channel.js';
import { HostRing } from '../../../src/isolation/wire/shared-memory/host-ring.js';
import { MEMORY_BYTES, SLOT, SLOTS, SlotState, W, WORDS_BYTES, slotAt } from '../../../src/isolation/wire/slot-layout.js';

export const canShare = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);

/** Two views of one memory, as two processes have them. */
export function twoViews(size = MEMORY_BYTES): readonly [SharedMemory, SharedMemory] {
  const fd = createSharedMemory(size);
  if (fd === undefined) throw new Error('the system has no shared memory');
  const [one, other] = [mapSharedMemory(fd, size), mapSharedMemory(fd, size)];
  closeSync(fd);
  if (one === undefined || other === undefined) throw new Error('it cannot be mapped');
  return [one, other];
}

/** What the child's thread does, a step at a time. */
export class ChildSide {
  readonly words: Int32Array;

  constructor(readonly memory: SharedMemory) {
    this.words = new Int32Array(memory.view(0, WORDS_BYTES));
  }

  /** The next slot of a ring. */
  take(ring = 0): number | undefined {
    const head = this.words[W.head + ring]!;
    if (head === this.words[W.tail + ring]) return undefined;
    this.words[W.head + ring] = head + 1;
    const slot = this.words[W.entries + ring * SLOTS + (head % SLOTS)]!;
    const state = slotAt(slot) + SLOT.state;
    if (this.words[state] === SlotState.queued) this.words[state] = SlotState.running;
    return slot;
  }

  word(slot: number, name: Exclude<keyof typeof SLOT, 'words'>): number {
    return this.words[slotAt(slot) + SLOT[name]]!;
  }

  input(slot: number): string {
    const length = this.word(slot, 'inputBytes');
    return Buffer.from(this.memory.view(this.word(slot, 'input'), length + 1), 0, length).toString();
  }

  answer(slot: number, text: string | Uint8Array, words: Partial<Record<'status' | 'format' | 'length' | 'sent' | 'isOwned', number>> = {}): void {
    const bytes = Buffer.from(text as string);
    const output = new Block(65_536, this.memory.view(this.word(slot, 'output'), Math.max(65_536, bytes.length)));
    bytes.copy(Buffer.from(output.bytes.buffer));
    const all = { status: 1, format: 1, length: bytes.length, sent: 0, isOwned: 0, ...words };
    for (const [name, value] of Object.entries(all)) this.words[slotAt(slot) + SLOT[name as 'status']] = value;
    this.finish(slot);
  }

  finish(slot: number): void {
    this.words[W.done + (slot >> 5)]! |= 1 << (slot & 31);
  }
}

export interface TestRing {
  readonly ring: HostRing;
  readonly child: ChildSide;
  /** What was answered, in order. */
  readonly answers: { readonly id: number; readonly text: string; readonly reply: ChannelReply }[];
  readonly publish: (input: string, call?: Partial<ChannelCall>, isSync?: boolean) => number | undefined;
}

export function openRing(): TestRing {
  const [host, childMemory] = twoViews();
  const ring = new HostRing(host);
  const answers: TestRing['answers'] = [];
  let lastId = 0;
  const publish: TestRing['publish'] = (input, more, isSync = false) => {
    const id = ++lastId;
    const onReturn: OnReturn = (reply) => {
      const text = reply.block.bytes.toString('utf8', 0, Math.min(reply.length, reply.capacity));
      return () => void answers.push({ id, text, reply });
    };
    return ring.publish({ id, capability: 0, method: 0, isInline: false, chunks: false, drain: false, chainLength: 0, input, ...more }, onReturn, isSync);
  };
  return { ring, child: new ChildSide(childMemory), answers, publish };
}
