import { MAX_BYTES_IN_FLIGHT, MAX_CHUNKS_IN_FLIGHT } from './messages.js';

/** Room is given back in such portions, so that not every chunk costs a message. */
const PORTION_CHUNKS = 16;
const PORTION_BYTES = 1 << 20;

/** Chunks of one invocation on their way, at either end. The sender's account never runs ahead of the receiver's. */
export class FlowControlWindow {
  #chunks = 0;
  #bytes = 0;
  #freedChunks = 0;
  #freedBytes = 0;

  constructor(
    /** Tells the sender of room. */
    private readonly tell: (chunks: number, bytes: number) => void = () => undefined,
  ) {}

  get hasRoom(): boolean {
    return this.#chunks < MAX_CHUNKS_IN_FLIGHT && this.#bytes < MAX_BYTES_IN_FLIGHT;
  }

  /** Notes a chunk. False where there was no room for it. */
  take(bytes: number): boolean {
    if (!this.hasRoom) return false;
    this.#chunks++;
    this.#bytes += bytes;
    return true;
  }

  /** The sender has been told of room. */
  receive(chunks: number, bytes: number): void {
    this.#chunks -= chunks;
    this.#bytes -= bytes;
  }

  /** The receiver is done with a chunk. */
  giveBack(bytes: number): void {
    this.#freedChunks++;
    this.#freedBytes += bytes;
    const isAll = this.#freedChunks === this.#chunks;
    if (!isAll && this.#freedChunks < PORTION_CHUNKS && this.#freedBytes < PORTION_BYTES) return;
    this.receive(this.#freedChunks, this.#freedBytes);
    this.tell(this.#freedChunks, this.#freedBytes);
    this.#freedChunks = this.#freedBytes = 0;
  }
}
