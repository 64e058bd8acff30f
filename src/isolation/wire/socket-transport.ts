import type { Socket } from 'node:net';
import { messageOf } from '../../errors/index.js';
import { FrameError, FrameReader, encodeFrame, type Frame } from './frames.js';
import type { Backlog, Transport, TransportEvents } from './transport.js';

/** So much is handed to the system at once: the step in which a slow reader is seen to go on. */
const PORTION = 1 << 20;
/** With more than this unsent there is no room: what can wait is better kept where it can still be called off. */
const ROOM = 16 << 20;

interface Entry {
  readonly bytes: Buffer;
  readonly onSent: () => void;
}

const nothing = (): void => undefined;

/** What is to go down a socket, in order. Unlike the socket's own queue it tells how far the other side has read. */
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

  /** Bytes that the other side has left no room for yet. */
  get unsent(): number {
    return this.#unsent;
  }

  /** Grows while the other side reads. */
  get portions(): number {
    return this.#portions;
  }

  get hasRoom(): boolean {
    return this.#unsent < ROOM;
  }

  /** Calls `onRoom` once when there is room again. The same function is called once, however often it was given. */
  whenRoom(onRoom: () => void): void {
    this.#waiting.add(onRoom);
  }

  /** `onSent` is called when the system has taken all of it. */
  put(bytes: Buffer, onSent = nothing): void {
    if (this.socket.destroyed) return;
    this.#unsent += bytes.length;
    for (let at = 0; at < bytes.length; at += PORTION) {
      const isLast = at + PORTION >= bytes.length;
      this.#queue.push({ bytes: bytes.subarray(at, at + PORTION), onSent: isLast ? onSent : nothing });
    }
    this.#write();
  }

  #write(): void {
    if (this.#isWriting || this.socket.destroyed) return;
    const portion = this.#takePortion();
    if (portion.length === 0) return;
    this.#isWriting = true;
    const last = portion.length - 1;
    if (last > 0) this.socket.cork(); // many small ones in one call of the system's
    portion.forEach(({ bytes }, i) => void this.socket.write(bytes, i === last ? () => this.#onWritten(portion) : undefined));
    if (last > 0) this.socket.uncork();
  }

  #takePortion(): readonly Entry[] {
    const start = this.#next;
    for (let size = 0; this.#next < this.#queue.length; this.#next++) {
      size += this.#queue[this.#next]?.bytes.length ?? 0;
      if (size > PORTION && this.#next > start) break;
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
    socket.on('error', () => undefined); // it closes then
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
      // Such as text that is longer than a string can be. Thrown on it would end the process.
      this.events.onBroken(error instanceof FrameError ? error.message : `a message that the host cannot process: ${messageOf(error)}`);
    }
  }

  readonly #take = ({ header, payload }: Frame): boolean => this.events.onMessage(header, payload);
}
