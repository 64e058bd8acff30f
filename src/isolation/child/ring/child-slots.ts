import { Buffer } from 'node:buffer';
import { wordAt, type SharedMemory, type SignalWords } from '../../../library/index.js';
import type { InvokeRequest } from '../../wire/messages.js';
import { MAX_METHODS, SLOT, SlotFlag, WORDS_BYTES, slotAt } from '../../wire/slot-layout.js';
import { textOf } from '../../wire/utf8.js';

/** An invocation in a slot: what an `invoke` message says, but for the plugin, since there is only one. */
export type SlotCall = Omit<InvokeRequest, 'type' | 'plugin'>;

/** The words and slots, as the main thread of the child reads and writes them. */
export class ChildSlots {
  readonly words: Int32Array;
  readonly unsigned: Uint32Array;

  constructor(readonly memory: SharedMemory) {
    const buffer = memory.view(0, WORDS_BYTES);
    this.words = new Int32Array(buffer);
    this.unsigned = new Uint32Array(buffer);
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
}
