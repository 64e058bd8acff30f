import { Block, type SharedMemory } from '../../../library/index.js';
import { LARGE_AREAS, LARGE_INPUT_BYTES, LARGE_OUTPUT_BYTES, largeInputOf, largeOutputOf } from '../slot-layout.js';

/** Up to this size the memory of an area is kept for the next call. */
const MAX_KEPT_BYTES = 2 << 20;

/** One half of a large area. Its view grows on demand, because the garbage collector counts what is viewed. */
class Half {
  #block: Block | undefined;
  #touched = 0;

  constructor(
    private readonly memory: SharedMemory,
    readonly offset: number,
    readonly size: number,
  ) {}

  /** At least `bytes` bytes. */
  view(bytes: number): Block {
    if (this.#block !== undefined && this.#block.length >= bytes) return this.#block;
    const length = Math.min(this.size, 2 ** Math.ceil(Math.log2(bytes)));
    return (this.#block = new Block(length, this.memory.view(this.offset, length)));
  }

  /** So many bytes may have been written. */
  touch(bytes: number): void {
    this.#touched = Math.max(this.#touched, bytes);
  }

  /** Gives memory back, if that is much. */
  trim(): void {
    if (this.#touched <= MAX_KEPT_BYTES) return;
    this.memory.discard(this.offset, this.size);
    this.#touched = 0;
  }
}

/** Room for one large input and its answer. */
export class LargeArea {
  readonly input: Half;
  readonly output: Half;

  constructor(memory: SharedMemory, index: number) {
    this.input = new Half(memory, largeInputOf(index), LARGE_INPUT_BYTES);
    this.output = new Half(memory, largeOutputOf(index), LARGE_OUTPUT_BYTES);
  }
}

/** The large areas of one shared memory. */
export class LargeAreas {
  readonly #free: LargeArea[];

  constructor(memory: SharedMemory) {
    this.#free = Array.from({ length: LARGE_AREAS }, (_, index) => new LargeArea(memory, LARGE_AREAS - 1 - index));
  }

  take(): LargeArea | undefined {
    return this.#free.pop();
  }

  giveBack(area: LargeArea): void {
    area.input.trim();
    area.output.trim();
    this.#free.push(area);
  }
}
