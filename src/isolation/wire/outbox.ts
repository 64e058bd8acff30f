import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { Backlog } from './transport.js';
import { writeFrames } from './write-frames.js';

/**
 * Maximum bytes of one write to the system. Small portions show the progress of a slow reader: a child reads 64 KiB at a time,
 * and on a busy machine it may wait tens of milliseconds for a processor before each read.
 */
const PORTION_BYTES = 128 << 10;
/** With more bytes unsent there is no room. Invocations are better kept where they can still be cancelled. */
const MAX_UNSENT_BYTES = 16 << 20;

interface Entry {
  readonly bytes: Buffer;
  readonly onSent: () => void;
}

const nothing = (): void => undefined;

/** Queues what is to be written to a socket. Unlike the socket's own queue, it reports how far the other side has read. */
export class Outbox implements Backlog {
  #queue: Entry[] = [];
  #next = 0;
  #isWriting = false;
  #unsent = 0;
  #portions = 0;
  readonly #waiting = new Set<() => void>();

  constructor(private readonly socket: Socket) {
    socket.on('close', () => this.#clear());
  }

  get unsent(): number {
    return this.#unsent;
  }

  get portions(): number {
    return this.#portions;
  }

  get hasRoom(): boolean {
    return this.#unsent < MAX_UNSENT_BYTES;
  }

  whenRoom(onRoom: () => void): void {
    this.#waiting.add(onRoom);
  }

  /**
   * The first message of a turn of the event loop is written at once, those that follow together. (To let the first wait for
   * them saved no time.) `onSent` is called when the operating system has accepted all of it. `isUrgent`: this thread will be busy, so
   * it is written before this returns, as far as the operating system has room.
   */
  put(bytes: Buffer, onSent = nothing, isUrgent = false): void {
    if (this.socket.destroyed) return;
    this.#unsent += bytes.length;
    for (let at = 0; at < bytes.length; at += PORTION_BYTES) {
      const isLast = at + PORTION_BYTES >= bytes.length;
      this.#queue.push({ bytes: bytes.subarray(at, at + PORTION_BYTES), onSent: isLast ? onSent : nothing });
    }
    this.#write(isUrgent);
  }

  #write(isUrgent = false): void {
    if ((this.#isWriting && !isUrgent) || this.socket.destroyed) return;
    const portion = this.#takePortion();
    if (portion.length === 0) return;
    this.#isWriting = true;
    const frames = portion.map(({ bytes }) => bytes);
    writeFrames(this.socket, frames, () => this.#onWritten(portion));
  }

  #takePortion(): readonly Entry[] {
    const start = this.#next;
    for (let size = 0; this.#next < this.#queue.length; this.#next++) {
      size += this.#queue[this.#next]?.bytes.length ?? 0;
      if (size > PORTION_BYTES && this.#next > start) break;
    }
    const portion = this.#queue.slice(start, this.#next);
    if (this.#next * 2 < this.#queue.length) return portion;
    this.#queue = this.#queue.slice(this.#next);
    this.#next = 0;
    return portion;
  }

  #onWritten(portion: readonly Entry[]): void {
    this.#isWriting = false;
    this.#portions++;
    for (const { bytes, onSent } of portion) {
      this.#unsent -= bytes.length;
      onSent();
    }
    this.#write();
    if (!this.hasRoom) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const onRoom of waiting) onRoom();
  }

  #clear(): void {
    this.#queue = [];
    this.#next = this.#unsent = 0;
    this.#waiting.clear();
  }
}
