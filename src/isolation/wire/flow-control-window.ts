import { MAX_BYTES_IN_FLIGHT, MAX_CHUNKS_IN_FLIGHT } from './messages.js';

/** The receiver reports free room in portions of this size, so that not every chunk costs a message. */
const PORTION_CHUNKS = 16;
const PORTION_BYTES = 1 << 20;

/** Limits the chunks of one invocation that are in flight. Sender and receiver each have one; the sender's never shows more room than the receiver's. */
export class FlowControlWindow {
  #chunks = 0;
  #bytes = 0;
  #freedChunks = 0;
  #freedBytes = 0;

  constructor(
    /** Reports free room to the sender. */
    private readonly grant: (chunks: number, bytes: number) => void = () => undefined,
  ) {}

  get hasRoom(): boolean {
    return this.#chunks < MAX_CHUNKS_IN_FLIGHT && this.#bytes < MAX_BYTES_IN_FLIGHT;
  }

  /** Adds a chunk. Returns false if there was no room for it. */
  take(bytes: number): boolean {
    if (!this.hasRoom) return false;
    this.#chunks++;
    this.#bytes += bytes;
    return true;
  }

  /** The receiver has reported free room. */
  addRoom(chunks: number, bytes: number): void {
    this.#chunks -= chunks;
    this.#bytes -= bytes;
  }

  /** The receiver has delivered a chunk. */
  release(bytes: number): void {
    this.#freedChunks++;
    this.#freedBytes += bytes;
    const isAll = this.#freedChunks === this.#chunks;
    if (!isAll && this.#freedChunks < PORTION_CHUNKS && this.#freedBytes < PORTION_BYTES) return;
    this.addRoom(this.#freedChunks, this.#freedBytes);
    this.grant(this.#freedChunks, this.#freedBytes);
    this.#freedChunks = this.#freedBytes = 0;
  }
}
