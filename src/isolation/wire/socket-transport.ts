import type { Socket } from 'node:net';
import { messageOf } from '../../errors/index.js';
import { FrameError, FrameReader, encodeFrame, type Frame } from './frames.js';
import type { Backlog, Transport, TransportEvents } from './transport.js';

/** Maximum bytes of one write to the system. Smaller portions show the progress of a slow reader. */
const PORTION_BYTES = 1 << 20;
/** With more bytes unsent there is no room. Invocations are better kept where they can still be cancelled. */
const MAX_UNSENT_BYTES = 16 << 20;

interface Entry {
  readonly bytes: Buffer;
  readonly onSent: () => void;
}

const nothing = (): void => undefined;

/** Queues what is to be written to a socket. Unlike the socket's own queue, it reports how far the other side has read. */
class Outbox implements Backlog {
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

  /** `onSent` is called when the operating system has accepted all of it. */
  put(bytes: Buffer, onSent = nothing): void {
    if (this.socket.destroyed) return;
    this.#unsent += bytes.length;
    for (let at = 0; at < bytes.length; at += PORTION_BYTES) {
      const isLast = at + PORTION_BYTES >= bytes.length;
      this.#queue.push({ bytes: bytes.subarray(at, at + PORTION_BYTES), onSent: isLast ? onSent : nothing });
    }
    this.#write();
  }

  #write(): void {
    if (this.#isWriting || this.socket.destroyed) return;
    const portion = this.#takePortion();
    if (portion.length === 0) return;
    this.#isWriting = true;
    const last = portion.length - 1;
    if (last > 0) this.socket.cork(); // many small messages in one system call
    portion.forEach(({ bytes }, i) => void this.socket.write(bytes, i === last ? () => this.#onWritten(portion) : undefined));
    if (last > 0) this.socket.uncork();
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

/** Messages over a socket. */
export class SocketTransport implements Transport {
  readonly #outbox: Outbox;
  readonly #reader: FrameReader;

  constructor(
    private readonly socket: Socket,
    maxPayloadBytes: number,
    private readonly events: TransportEvents,
  ) {
    this.#outbox = new Outbox(socket);
    this.#reader = new FrameReader(maxPayloadBytes);
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => events.onClose());
  }

  get backlog(): Backlog {
    return this.#outbox;
  }

  get isClosed(): boolean {
    return this.socket.destroyed;
  }

  send(header: object, payload?: string | Uint8Array, onSent?: () => void): number {
    const frame = encodeFrame(header, payload);
    this.#outbox.put(frame, onSent);
    return frame.length;
  }

  pause(): void {
    if (!this.socket.isPaused()) this.socket.pause();
  }

  resume(): void {
    if (this.socket.isPaused()) this.socket.resume();
  }

  close(): void {
    this.socket.destroy();
  }

  #read(bytes: Buffer): void {
    try {
      this.#reader.push(bytes, this.#take);
    } catch (error) {
      // For example a text longer than a string can be. An uncaught exception would end the process.
      this.events.onBroken(error instanceof FrameError ? error.message : `a message that the host cannot process: ${messageOf(error)}`);
    }
  }

  readonly #take = ({ header, payload }: Frame): boolean => this.events.onMessage(header, payload);
}
