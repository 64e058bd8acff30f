import type { Socket } from 'node:net';
import type { CallChannel, ChannelEvents } from './call-channel.js';
import { SocketTransport } from './socket-transport.js';
import type { Backlog, Transport, TransportEvents } from './transport.js';

/** Messages over a socket, and invocations through a channel beside it. */
export class CallTransport implements Transport {
  #calls: CallChannel | undefined;
  readonly #socket: SocketTransport;
  #isClosed = false;

  constructor(socket: Socket, maxPayloadBytes: number, events: TransportEvents, openChannel: (events: ChannelEvents) => CallChannel) {
    this.#socket = new SocketTransport(socket, maxPayloadBytes, {
      ...events,
      onMessage: (message, payload) => {
        const goesOn = events.onMessage(message, payload);
        this.#calls?.onMessage();
        return goesOn;
      },
    });
    this.#calls = openChannel({
      onStall: (ring) => void this.send({ type: 'help', ring }),
      onUselessBell: (times) => events.onUselessBell?.(times),
      onLostWakeUp: (problem) => events.onLostWakeUp?.(problem),
      onBroken: (problem) => events.onBroken(problem),
      onClose: () => events.onClose(),
    });
  }

  get calls(): CallChannel | undefined {
    return this.#calls;
  }

  dropCalls(): void {
    this.#calls?.close();
    this.#calls = undefined;
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
    this.#calls?.close();
  }
}
