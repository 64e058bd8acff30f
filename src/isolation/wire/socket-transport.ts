import type { Socket } from 'node:net';
import { messageOf } from '../../errors/index.js';
import { FrameError } from './frame-error.js';
import { FrameReader, encodeFrame } from './frames.js';
import type { ChildMessage, HostMessage } from './messages.js';
import { Outbox } from './outbox.js';
import { FROM_CHILD } from './read-message.js';
import type { Backlog, Transport, TransportEvents } from './transport.js';

/** Messages over a socket. */
export class SocketTransport implements Transport {
  readonly #outbox: Outbox;
  readonly #reader: FrameReader<ChildMessage>;

  constructor(
    private readonly socket: Socket,
    maxPayloadBytes: number,
    private readonly events: TransportEvents,
  ) {
    this.#outbox = new Outbox(socket);
    this.#reader = new FrameReader(maxPayloadBytes, FROM_CHILD);
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

  send(message: HostMessage, payload?: string | Uint8Array, onSent?: () => void): number {
    const frame = encodeFrame(message, payload);
    this.#outbox.put(frame, onSent, message.type === 'help');
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
    this.events.onBytes?.();
    try {
      this.#reader.push(bytes, this.#take);
    } catch (error) {
      // For example a text longer than a string can be. An uncaught exception would end the process.
      this.events.onBroken(error instanceof FrameError ? error.message : `a message that the host cannot process: ${messageOf(error)}`);
    }
  }

  readonly #take = (message: ChildMessage, payload: Buffer): boolean => this.events.onMessage(message, payload);
}
