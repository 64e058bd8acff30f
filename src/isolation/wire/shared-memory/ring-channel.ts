import type { Socket } from 'node:net';
import type { SharedMemory } from '../../../library/index.js';
import type { CallChannel, ChannelCall, ChannelEvents, OnReturn } from '../call-channel.js';
import { HostRing } from './host-ring.js';
import { Ring } from '../slot-layout.js';
import { RingWatch } from './ring-watch.js';

const MAX_SPARE_BELLS = 1000;

/** Invocations through shared memory. Everything else goes through the socket. */
export class RingChannel implements CallChannel {
  readonly transport = 'shared memory';
  isThreadSafe = false;
  readonly #ring: HostRing;
  readonly #watch: RingWatch;
  /** Bells that may find nothing: a call can be answered while the child rings for it. */
  #spareBells = 0;
  #isClosed = false;

  constructor(
    memory: SharedMemory,
    private readonly doorbell: Socket,
    events: ChannelEvents,
  ) {
    this.#ring = new HostRing(memory);
    const mayHelp = (ring: number): boolean => ring === Ring.inline || this.isThreadSafe;
    this.#watch = new RingWatch(this.#ring, { mayHelp, onStall: events.onStall, onLostWakeUp: events.onLostWakeUp });
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

  fits(capability: number, length: number): boolean {
    return this.#ring.fits(capability, length);
  }

  publish(call: ChannelCall, onReturn: OnReturn): number | undefined {
    const slot = this.#ring.publish(call, onReturn);
    if (slot === undefined) return undefined;
    this.#spareBells = Math.min(MAX_SPARE_BELLS, this.#spareBells + 1);
    this.#watch.onPublished();
    return slot;
  }

  publishAndWait(call: ChannelCall, onReturn: OnReturn, ms: number, onPublished: (slot: number) => void): boolean {
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

  takeBack(slot: number): boolean {
    return this.#ring.takeBack(slot);
  }

  cancel(slot: number, tellChild: () => void): void {
    this.#ring.cancel(slot);
    tellChild();
  }

  leave(slot: number): void {
    this.#ring.leave(slot);
  }

  free(slot: number): void {
    this.#ring.free(slot);
  }

  /** The next call of this capability gets more room. */
  expect(capability: number, answerBytes: number): void {
    this.#ring.expect(capability, answerBytes);
  }

  watchRelease(): () => boolean {
    const seen = this.#ring.releases;
    return () => this.#ring.releases === (seen | 1);
  }

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
