import { ImmortalWords, type Address } from './memory.js';

/**
 * The two shared words of an invocation (rules 17 and 18). `cancel` differs from `epoch` once the invocation is cancelled
 * or has ended. `room` is 0 while the host accepts no more chunks. Their memory is never freed, because a plugin's thread
 * may read them at any time. Slots are reused; an epoch repeats only after 2^32 uses.
 */
export interface SignalWords {
  readonly cancel: Address;
  readonly room: Address;
  readonly epoch: number;
  cancelNow(): void;
  setRoom(room: boolean): void;
  /** Returns the slot to the pool. The invocation then reads as cancelled. */
  free(): void;
}

const SLOTS_PER_PAGE = 512;
const WORDS_PER_SLOT = 2;

class Slot implements SignalWords {
  epoch = 0;
  readonly cancel: Address;
  readonly room: Address;

  constructor(
    private readonly page: ImmortalWords,
    private readonly index: number,
  ) {
    this.cancel = page.addressAt(index);
    this.room = page.addressAt(index + 1);
  }

  start(): this {
    this.page.store(this.index + 1, 1);
    return this;
  }

  cancelNow(): void {
    this.page.store(this.index, (this.epoch + 1) >>> 0);
  }

  setRoom(room: boolean): void {
    this.page.store(this.index + 1, room ? 1 : 0);
  }

  free(): void {
    this.cancelNow();
    this.epoch = (this.epoch + 1) >>> 0;
    idle.push(this);
  }
}

const idle: Slot[] = [];

function addPage(): Slot {
  const page = new ImmortalWords(SLOTS_PER_PAGE * WORDS_PER_SLOT);
  for (let slot = SLOTS_PER_PAGE - 1; slot > 0; slot--) idle.push(new Slot(page, slot * WORDS_PER_SLOT));
  return new Slot(page, 0);
}

export function takeSignalWords(): SignalWords {
  return (idle.pop() ?? addPage()).start();
}
