import type { Socket } from 'node:net';
import type { SharedMemory } from '../../../library/index.js';
import { HostRing, type OnReturn } from './host-ring.js';
import { Ring } from './layout.js';
import { RingWatch } from './ring-watch.js';
import type { RingCall } from './slot-memory.js';

export interface RingChannelEvents {
  /** The thread of the child is busy with something else, and what waits in this ring should not wait for it. */
  readonly onStall: (ring: number) => void;
  /** The child rang so many times, and nothing had returned. */
  readonly onUselessBell: (times: number) => void;
  /** The doorbell has closed. */
  readonly onClose: () => void;
}

const MAX_SPARE_BELLS = 1000;

/** Invocations through shared memory. Everything else goes through the socket. */
export class RingChannel {
  /** Whether a plugin is thread-safe, so that other threads can run what waits behind a call that blocks. */
  isThreadSafe = false;
  readonly #ring: HostRing;
  readonly #watch: RingWatch;
  /** Bells that may find nothing: a call can be answered while the child rings for it. */
  #spareBells = 0;
  #isClosed = false;

  constructor(
    memory: SharedMemory,
    private readonly doorbell: Socket,
    events: RingChannelEvents,
  ) {
    this.#ring = new HostRing(memory);
    const mayHelp = (ring: number): boolean => ring === Ring.inline || this.isThreadSafe;
    this.#watch = new RingWatch(this.#ring, { mayHelp, onStall: events.onStall });
    doorbell.on('data', (bytes: Buffer) => {
      if (this.#watch.onBell()) return;
      if (bytes.length <= this.#spareBells) this.#spareBells -= bytes.length;
      else events.onUselessBell(bytes.length);
    });
    doorbell.on('error', () => undefined); // 'close' follows
    doorbell.on('close', () => {
      if (!this.#isClosed) events.onClose();
    });
  }

  /** Whether there is room for such a call, now or later. */
  fits(capability: number, inputLength: number): boolean {
    return this.#ring.fits(capability, inputLength);
  }

  /** Sends a call that fits. Returns its slot, or `undefined` if there is no room now. */
  publish(call: RingCall, onReturn: OnReturn): number | undefined {
    const slot = this.#ring.publish(call, onReturn);
    if (slot === undefined) return undefined;
    this.#spareBells = Math.min(MAX_SPARE_BELLS, this.#spareBells + 1);
    this.#watch.onPublished();
    return slot;
  }

  /** Sends a call that fits, and waits on this thread until it is answered, for `ms` at most. Returns false if there is no room now. */
  publishAndWait(call: RingCall, onReturn: OnReturn, ms: number, onPublished: (slot: number) => void): boolean {
    let isAnswered = false;
    const slot = this.#ring.publish(call, (reply) => {
      isAnswered = true;
      return onReturn(reply);
    }, true);
    if (slot === undefined) return false;
    onPublished(slot);
    this.#watch.waitFor(() => isAnswered, ms);
    return true;
  }

  /** Takes back what has not begun. Returns false if it has, or nobody knows. */
  takeBack(slot: number): boolean {
    return this.#ring.takeBack(slot);
  }

  /** Shows the plugin that it is cancelled. */
  cancel(slot: number): void {
    this.#ring.cancel(slot);
  }

  /** The call has returned, and its answer comes by a message. */
  leave(slot: number): void {
    this.#ring.leave(slot);
  }

  /** Its invocation is over, as a message said. */
  free(slot: number): void {
    this.#ring.free(slot);
  }

  /** An answer was too large for the room that it got. The next call of this capability gets more. */
  expect(capability: number, answerBytes: number): void {
    this.#ring.expect(capability, answerBytes);
  }

  /** Returns a function that tells whether one and the same release runs ever since. */
  watchRelease(): () => boolean {
    const seen = this.#ring.releases;
    return () => this.#ring.releases === (seen | 1);
  }

  /** A message of the child has been handled. */
  onMessage(): void {
    this.#ring.onMessage();
  }

  close(): void {
    this.#isClosed = true;
    this.#watch.close();
    this.doorbell.destroy();
    this.#ring.close();
  }
}
