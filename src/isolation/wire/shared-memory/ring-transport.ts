import type { Socket } from 'node:net';
import type { SharedMemory } from '../../../library/index.js';
import { SocketTransport } from '../socket-transport.js';
import type { Backlog, Transport, TransportEvents } from '../transport.js';
import { RingChannel } from './ring-channel.js';

/** Messages over a socket, and invocations through shared memory. */
export class RingTransport implements Transport {
  #ring: RingChannel | undefined;
  readonly #socket: SocketTransport;
  #isClosed = false;

  constructor(sockets: { readonly socket: Socket; readonly doorbell: Socket }, memory: SharedMemory, maxPayloadBytes: number, events: TransportEvents) {
    this.#socket = new SocketTransport(sockets.socket, maxPayloadBytes, {
      ...events,
      onMessage: (message, payload) => {
        const goesOn = events.onMessage(message, payload);
        this.#ring?.onMessage();
        return goesOn;
      },
    });
    this.#ring = new RingChannel(memory, sockets.doorbell, {
      onStall: (ring) => void this.send({ type: 'help', ring }),
      onUselessBell: (times) => events.onUselessBell?.(times),
      onClose: () => events.onClose(),
    });
  }

  get ring(): RingChannel | undefined {
    return this.#ring;
  }

  dropRing(): void {
    this.#ring?.close();
    this.#ring = undefined;
  }

  get backlog(): Backlog {
    return this.#socket.backlog;
  }

  get isClosed(): boolean {
    return this.#socket.isClosed;
  }

  send(...message: Parameters<Transport['send']>): number {
    return this.#socket.send(...message);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
    this.#ring?.close();
  }
}
