import { Buffer } from 'node:buffer';
import { CAPABILITY_KINDS } from '../../../abi/constants.js';
import { KINDS } from '../../../capability/kinds/index.js';
import { Block, methodAddress, setWordAt, wakeOne, wordAt, type SharedMemory, type SignalWords } from '../../../library/index.js';
import type { NativeCapability } from '../../../native/native-capability.js';
import type { OutsideCalls } from '../../../native/outside-calls.js';
import { residentBytesAt } from '../../../machine/resident-bytes.js';
import { Runner } from '../../../native/runners/runner.js';
import { DOORBELL_FD } from '../../wire/messages.js';
import { MAX_CAPABILITIES, MAX_METHODS, SLOT, SLOTS, WORDS_BYTES, SlotFlag, SlotState, W, slotAt } from '../../wire/shared-memory/layout.js';
import { textOf } from '../../wire/utf8.js';
import { HANDED, ROW } from './own-words.js';
import { RING_PROGRAM } from './program.js';
import { ReturnedFrame } from './returned-frame.js';

/** By `methodNumber`. */
const METHODS = CAPABILITY_KINDS.flatMap((kind) => Array.from({ length: MAX_METHODS }, (_, index) => KINDS[kind].methods[index]));

/** An invocation in a slot. */
export interface SlotCall {
  readonly id: number;
  /** In the order of registration. */
  readonly capability: number;
  /** Its index in the methods of the capability's kind. */
  readonly method: number;
  readonly chunks: boolean;
  readonly drain: boolean;
  readonly chainLength: number;
}

/** The plugin whose calls come through the memory. */
export interface RingPlugin {
  /** Runs a call on other threads. */
  invokeInSlot(call: SlotCall, input: string): void;
  /** A call runs that must become known. */
  adopt(call: SlotCall, signals: SignalWords): void;
  onAdoptedReturn(id: number, frame: ReturnedFrame, status: number, left: () => void): void;
}

/** The child's end of the shared memory: the thread that takes calls from it, and what the main thread does about them. */
export class ChildRing implements OutsideCalls {
  readonly #words: Int32Array;
  readonly #unsigned: Uint32Array;
  readonly #buffer: ArrayBuffer;
  readonly #own = new SharedArrayBuffer((HANDED.words + MAX_CAPABILITIES * ROW.words) * 4);
  #runner: Runner | undefined;
  #plugin: RingPlugin | undefined;
  /** The slots of adopted calls that have not returned. */
  readonly #adopted = new Set<number>();
  #onSettled: (() => void)[] = [];

  constructor(private readonly memory: SharedMemory) {
    this.#buffer = memory.view(0, WORDS_BYTES);
    this.#words = new Int32Array(this.#buffer);
    this.#unsigned = new Uint32Array(this.#buffer);
  }

  /** Starts the thread. Resolves once it is up, or cannot be. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const data = { address: this.memory.address, own: this.#own, methods: METHODS.map((method) => (method === undefined ? 0 : methodAddress(method))), bell: DOORBELL_FD };
      this.#runner = new Runner(
        { onUp: resolve, onLost: reject },
        { program: RING_PROGRAM, data, wake: () => this.#wake(), onMessage: () => this.#takeHanded() },
      );
      this.#runner.keepAlive();
    });
  }

  readonly threads: OutsideCalls['threads'] = {
    borrow: () => this.#runner,
    giveBack: () => undefined,
    leaveLine: () => undefined,
    isToBeReturned: () => false,
    isWanted: false,
  };

  /** From now on calls of these capabilities may come. */
  open(plugin: RingPlugin, capabilities: readonly NativeCapability[], maxPayloadBytes: number): void {
    this.#plugin = plugin;
    const words = new Uint32Array(this.#own);
    words[HANDED.limit] = Math.min(maxPayloadBytes, 0xffff_ffff);
    for (const [i, { invokeAt, data }] of capabilities.slice(0, MAX_CAPABILITIES).entries()) {
      const row = HANDED.words + i * ROW.words;
      setWordAt(words, row + ROW.invoke, invokeAt);
      words[row + ROW.data] = Number(BigInt(data) & 0xffff_ffffn);
      words[row + ROW.data + 1] = Number(BigInt(data) >> 32n);
    }
  }

  /** A message has been sent to the host. It reads it before it looks at what returns later. */
  countSent(): void {
    Atomics.add(this.#words, W.sent, 1);
  }

  /** How much of the shared memory is counted as memory of this process. */
  get residentBytes(): number {
    return residentBytesAt(this.memory.address);
  }

  /** Runs what waits in a ring on other threads. */
  help(ring: number): void {
    for (let slot = this.#takeFrom(ring); slot !== undefined; slot = this.#takeFrom(ring)) {
      const at = slotAt(slot);
      if (Atomics.compareExchange(this.#words, at + SLOT.state, SlotState.queued, SlotState.adopted) === SlotState.queued) {
        this.#plugin?.invokeInSlot(this.#callIn(slot), this.#inputIn(at));
      } else Atomics.or(this.#words, W.done + (slot >> 5), 1 << (slot & 31)); // it was taken back
    }
  }

  adopt(id: number): void {
    for (let slot = 0; slot < SLOTS; slot++) if (this.#idIn(slot) === id && this.#adoptSlot(slot)) return;
  }

  async settle(): Promise<void> {
    for (let slot = 0; slot < SLOTS; slot++) this.#adoptSlot(slot);
    if (this.#adopted.size > 0) await new Promise<void>((resolve) => this.#onSettled.push(resolve));
  }

  /** Returns false if it does not run, or has been adopted. */
  #adoptSlot(slot: number): boolean {
    const at = slotAt(slot);
    if (Atomics.compareExchange(this.#words, at + SLOT.state, SlotState.running, SlotState.adopted) !== SlotState.running) return false;
    this.#adopted.add(slot);
    this.#plugin?.adopt(this.#callIn(slot), this.#signalsOf(at));
    return true;
  }

  #takeHanded(): void {
    const own = new Int32Array(this.#own);
    const slot = own[HANDED.slot]!;
    this.#adoptSlot(slot);
    const at = slotAt(slot);
    const capacity = this.#unsigned[at + SLOT.outputBytes]!;
    const output = new Block(capacity, this.memory.view(this.#unsigned[at + SLOT.output]!, capacity));
    const frame = new ReturnedFrame(this.#unsigned.subarray(W.frame), output);
    this.#plugin?.onAdoptedReturn(this.#idIn(slot), frame, own[HANDED.status]!, () => {
      frame.clear();
      this.#runner?.resume();
      this.#adopted.delete(slot);
      if (this.#adopted.size === 0) for (const resolve of this.#onSettled.splice(0)) resolve();
    });
  }

  #takeFrom(ring: number): number | undefined {
    const words = this.#words;
    for (;;) {
      const head = Atomics.load(words, W.head + ring);
      if (head === Atomics.load(words, W.tail + ring)) return undefined;
      const slot = words[W.entries + ring * SLOTS + (head & (SLOTS - 1))]! & (SLOTS - 1);
      if (Atomics.compareExchange(words, W.head + ring, head, (head + 1) | 0) === head) return slot;
    }
  }

  #callIn(slot: number): SlotCall {
    const at = slotAt(slot);
    const flags = this.#words[at + SLOT.flags]!;
    return {
      id: this.#idIn(slot),
      capability: this.#words[at + SLOT.capability]!,
      method: this.#words[at + SLOT.method]! % MAX_METHODS,
      chunks: (flags & SlotFlag.chunks) !== 0,
      drain: (flags & SlotFlag.drain) !== 0,
      chainLength: this.#words[at + SLOT.chainLength]!,
    };
  }

  #idIn(slot: number): number {
    return wordAt(this.#unsigned, slotAt(slot) + SLOT.id);
  }

  #inputIn(at: number): string {
    const bytes = this.#unsigned[at + SLOT.inputBytes]!;
    return textOf(Buffer.from(this.#view(this.#unsigned[at + SLOT.input]!, bytes)));
  }

  #signalsOf(at: number): SignalWords {
    const words = this.#words;
    const epoch = this.#unsigned[at + SLOT.epoch]!;
    const addressOf = (word: number) => (this.memory.address + (at + word) * 4) as SignalWords['cancel'];
    const cancelNow = (): void => void Atomics.store(words, at + SLOT.cancel, (epoch + 1) | 0);
    return {
      cancel: addressOf(SLOT.cancel),
      room: addressOf(SLOT.room),
      epoch,
      cancelNow,
      setRoom: (room) => void Atomics.store(words, at + SLOT.room, room ? 1 : 0),
      free: cancelNow,
    };
  }

  #view(offset: number, bytes: number): ArrayBuffer {
    return bytes === 0 ? new ArrayBuffer(0) : this.memory.view(offset, bytes);
  }

  #wake(): void {
    if (Atomics.exchange(this.#words, W.childSleeps, 0) === 1) wakeOne(this.memory.address + W.childSleeps * 4);
  }
}
