import { Buffer } from 'node:buffer';
import { Format } from '../../../abi/constants.js';
import { ringDoorbell, wordAt, type SharedMemory, type SignalWords } from '../../../library/index.js';
import { DOORBELL_FD, type InvokeRequest } from '../../wire/messages.js';
import { MAX_METHODS, SLOT, SLOTS, SlotFlag, W, WORDS_BYTES, slotAt } from '../../wire/shared-memory/layout.js';
import { textOf } from '../../wire/utf8.js';

/** An invocation in a slot: what an `invoke` message says, but for the plugin, since there is only one. */
export type SlotCall = Omit<InvokeRequest, 'type' | 'plugin'>;

/** The words and slots of the shared memory, as the main thread of the child reads and writes them. */
export class ChildSlots {
  readonly words: Int32Array;
  readonly unsigned: Uint32Array;

  constructor(private readonly memory: SharedMemory) {
    const buffer = memory.view(0, WORDS_BYTES);
    this.words = new Int32Array(buffer);
    this.unsigned = new Uint32Array(buffer);
  }

  /** Takes the next slot out of a ring. The other thread takes some too. */
  takeFrom(ring: number): number | undefined {
    const words = this.words;
    for (;;) {
      const head = Atomics.load(words, W.head + ring);
      if (head === Atomics.load(words, W.tail + ring)) return undefined;
      const slot = words[W.entries + ring * SLOTS + (head & (SLOTS - 1))]! & (SLOTS - 1);
      if (Atomics.compareExchange(words, W.head + ring, head, (head + 1) | 0) === head) return slot;
    }
  }

  callIn(slot: number): SlotCall {
    const at = slotAt(slot);
    const flags = this.words[at + SLOT.flags]!;
    return {
      id: this.idIn(slot),
      capability: this.words[at + SLOT.capability]!,
      method: this.words[at + SLOT.method]! % MAX_METHODS,
      chunks: (flags & SlotFlag.chunks) !== 0,
      drain: (flags & SlotFlag.drain) !== 0,
      chainLength: this.words[at + SLOT.chainLength]!,
      context: this.#contextIn(at),
    };
  }

  idIn(slot: number): number {
    return wordAt(this.unsigned, slotAt(slot) + SLOT.id);
  }

  inputIn(at: number): string {
    const bytes = this.unsigned[at + SLOT.inputBytes]!;
    return textOf(Buffer.from(this.view(this.unsigned[at + SLOT.input]!, bytes)));
  }

  #contextIn(at: number): string | undefined {
    const bytes = this.unsigned[at + SLOT.contextBytes]!;
    const afterInput = this.unsigned[at + SLOT.input]! + this.unsigned[at + SLOT.inputBytes]! + 1;
    return bytes === 0 ? undefined : textOf(Buffer.from(this.view(afterInput, bytes)));
  }

  signalsOf(at: number): SignalWords {
    const words = this.words;
    const epoch = this.unsigned[at + SLOT.epoch]!;
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

  view(offset: number, bytes: number): ArrayBuffer {
    return bytes === 0 ? new ArrayBuffer(0) : this.memory.view(offset, bytes);
  }

  /** Puts an answer into the slot. Returns false if there is no room. */
  answer(slot: number, status: number, text: string): boolean {
    const at = slotAt(slot);
    const words = this.words;
    const capacity = this.unsigned[at + SLOT.outputBytes]!;
    if (text.length * 3 > capacity) return false;
    words[at + SLOT.length] = Buffer.from(this.view(this.unsigned[at + SLOT.output]!, capacity)).write(text);
    words[at + SLOT.status] = status;
    words[at + SLOT.format] = Format.JSON;
    words[at + SLOT.isOwned] = 0;
    this.announce(slot);
    return true;
  }

  /** Sets the slot's bit, and rings if the host sleeps. */
  announce(slot: number): void {
    const words = this.words;
    words[slotAt(slot) + SLOT.sent] = Atomics.load(words, W.sent);
    Atomics.or(words, W.done + (slot >> 5), 1 << (slot & 31));
    if (Atomics.exchange(words, W.hostSleeps, 0) !== 0) ringDoorbell(DOORBELL_FD);
  }
}
