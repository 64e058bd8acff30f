import { TextEncoder } from 'node:util';
import { Block, type SharedMemory } from '../../../library/index.js';
import type { ChannelCall, ChannelReply } from '../call-channel.js';
import { LargeAreas, type LargeArea } from './large-areas.js';
import { AREA_BYTES, LARGE_INPUT_BYTES, LARGE_OUTPUT_BYTES, SLOT, SlotFlag, SlotState, inputAreaOf, outputAreaOf, slotAt } from '../slot-layout.js';

/** A NUL follows the input, and the context. */
const TERMINATOR = 1;
/** Counting the bytes of a text first takes longer than to write them. */
const roomForText = (length: number): number => length * 3 + TERMINATOR;
const roomFor = ({ input, context }: Pick<ChannelCall, 'input' | 'context'>): number => roomForText(input.length) + (context === undefined ? 0 : roomForText(context.length));
const encoder = new TextEncoder();
/** A host that waits on its thread cannot take an answer that comes as a message because it does not fit. */
const SYNC_ANSWER_BYTES = 256 << 10;

/** Lengths in bytes. */
interface Written {
  readonly input: number;
  readonly context: number;
}

interface Lent {
  readonly block: Block;
  readonly capacity: number;
  readonly area: LargeArea | undefined;
  /** How much of it may have been written. */
  used: number;
}

/** The words and areas of the slots, as the host writes and reads them. What it wrote it keeps here, and never reads back. */
export class SlotMemory {
  /** The small areas of the slots that have been used. */
  readonly #inputs: Uint8Array[] = [];
  readonly #outputs: Block[] = [];
  readonly #large: LargeAreas;
  readonly #lent: Lent[] = [];
  readonly #epochs: number[] = [];
  /** Per capability, the size of its last large answer. */
  readonly #answerBytes = new Map<number, number>();

  constructor(
    private readonly memory: SharedMemory,
    private readonly words: Int32Array,
  ) {
    this.#large = new LargeAreas(memory);
  }

  /** `length` is that of input and context together. */
  fits(length: number): boolean {
    return roomForText(length) + TERMINATOR <= LARGE_INPUT_BYTES;
  }

  /** Writes a call. Returns false if it is large and all large areas are in use. `isSync`: the host waits for the answer on its thread. */
  fill(slot: number, call: ChannelCall, isSync: boolean): boolean {
    const { capability } = call;
    const answerBytes = this.#answerBytes.get(capability) ?? 0;
    const isLarge = roomFor(call) > AREA_BYTES || answerBytes > AREA_BYTES;
    const area = isLarge || isSync ? this.#large.take() : undefined;
    if (isLarge && area === undefined) return false;
    const written = this.#writeInput(slot, call, area);
    const capacity = area === undefined ? AREA_BYTES : capacityFor(Math.max(written.input, answerBytes, isSync ? SYNC_ANSWER_BYTES : 0));
    const block = area?.output.view(capacity) ?? this.#outputOf(slot);
    this.#lent[slot] = { block, capacity, area, used: capacity };
    this.#writeWords(slot, call, written);
    return true;
  }

  /** Shows the plugin that the invocation was cancelled or has ended. */
  cancel(slot: number): void {
    Atomics.store(this.words, slotAt(slot) + SLOT.cancel, this.#epochs[slot]! + 1);
  }

  /** Each word is read once. */
  reply(slot: number): ChannelReply {
    const { words } = this;
    const at = slotAt(slot);
    const lent = this.#lent[slot]!;
    const { block, capacity } = lent;
    const length = words[at + SLOT.length]! >>> 0;
    lent.used = Math.min(length, capacity);
    return {
      status: words[at + SLOT.status]!,
      format: words[at + SLOT.format]! >>> 0,
      length,
      block,
      capacity,
      isOwned: words[at + SLOT.isOwned] === 1,
    };
  }

  giveBackArea(slot: number): void {
    const lent = this.#lent[slot]!;
    if (lent.area === undefined) return;
    lent.area.output.touch(lent.used);
    this.#large.giveBack(lent.area);
    this.#lent[slot] = { ...lent, area: undefined };
  }

  /** An answer was too large for the room that it got. The next call of this capability gets more. */
  expect(capability: number, answerBytes: number): void {
    if (answerBytes > AREA_BYTES && answerBytes <= LARGE_OUTPUT_BYTES) this.#answerBytes.set(capability, answerBytes);
  }

  #writeWords(slot: number, { id, capability, method, chunks, drain, chainLength }: ChannelCall, written: Written): void {
    const { words } = this;
    const at = slotAt(slot);
    const { area, capacity } = this.#lent[slot]!;
    words[at + SLOT.id] = id;
    words[at + SLOT.id + 1] = id / 0x1_0000_0000;
    words[at + SLOT.capability] = capability;
    words[at + SLOT.method] = method;
    words[at + SLOT.flags] = (chunks ? SlotFlag.chunks : 0) | (drain ? SlotFlag.drain : 0);
    words[at + SLOT.chainLength] = chainLength;
    words[at + SLOT.input] = area?.input.offset ?? inputAreaOf(slot);
    words[at + SLOT.inputBytes] = written.input;
    words[at + SLOT.contextBytes] = written.context;
    words[at + SLOT.output] = area?.output.offset ?? outputAreaOf(slot);
    words[at + SLOT.outputBytes] = capacity;
    const epoch = (this.#epochs[slot] = ((this.#epochs[slot] ?? 0) + 2) | 0);
    words[at + SLOT.epoch] = epoch;
    words[at + SLOT.room] = 1;
    Atomics.store(words, at + SLOT.cancel, epoch);
    Atomics.store(words, at + SLOT.state, SlotState.queued);
  }

  #writeInput(slot: number, call: ChannelCall, area: LargeArea | undefined): Written {
    const room = area?.input.view(roomFor(call)).bytes ?? this.#inputOf(slot);
    const input = writeText(call.input, room);
    const context = call.context === undefined ? 0 : writeText(call.context, room.subarray(input + TERMINATOR));
    area?.input.touch(input + context);
    return { input, context };
  }

  #inputOf(slot: number): Uint8Array {
    return (this.#inputs[slot] ??= new Uint8Array(this.memory.view(inputAreaOf(slot), AREA_BYTES)));
  }

  #outputOf(slot: number): Block {
    return (this.#outputs[slot] ??= new Block(AREA_BYTES, this.memory.view(outputAreaOf(slot), AREA_BYTES)));
  }
}

/** Writes text that `room` is large enough for, and a NUL. Returns its length in bytes. */
function writeText(text: string, room: Uint8Array): number {
  const { written } = encoder.encodeInto(text, room);
  room[written] = 0;
  return written;
}

/** Room for an answer about as large as the input, or as the last one. */
const capacityFor = (bytes: number): number => Math.max(AREA_BYTES, Math.min(LARGE_OUTPUT_BYTES, 2 ** (Math.floor(Math.log2(bytes)) + 2)));
