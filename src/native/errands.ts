import { bind, restoreFloatingPoint, type Address, type Bound, type Opaque } from '../library/index.js';
import { LinkedQueue } from '../options/linked-queue.js';
import { ownClock } from '../options/process-clock.js';
import type { Releaser } from './answer.js';
import type { NativeCapability } from './native-capability.js';
import { POOL_SIZE } from './worker-pool.js';

/** Release functions bound so far; a plugin that makes new ones at run time does not grow it without end. */
const MAX_RELEASERS = 64;
/** More wait here: koffi has room for some thousands of native calls, and throws at the next. */
const MAX_CONCURRENT = 64;

type Done = () => void;

/** For who can do something about one that does not come back. Milliseconds. */
export interface ErrandLimit {
  readonly timeoutMs: number;
  readonly onLate: (what: string, timeoutMs: number) => void;
}

/**
 * Short calls into a plugin beside its lane: `release`, `cancel` and a call's `on_reply`. Rule 11 lets them run on the
 * main thread; where the host keeps plugin code off it, they run on workers and are waited for.
 */
export class Errands {
  readonly #releasers = new Map<Address, Bound<'release'>>();
  /** Those that wait for their turn included. */
  #open = 0;
  #running = 0;
  readonly #queue = new LinkedQueue<() => void>();
  #waiting: (() => void)[] = [];

  constructor(
    readonly offMain: boolean,
    private readonly limit?: ErrandLimit,
  ) {}

  /** Gives plugin-owned memory back. */
  readonly release: Releaser = (release, argument, owned) => {
    let call = this.#releasers.get(release);
    if (call === undefined) {
      call = bind('release', release);
      if (this.#releasers.size < MAX_RELEASERS) this.#releasers.set(release, call);
    }
    const bound = call;
    if (this.offMain) this.#run('release', (done) => bound.async(argument, owned, done));
    else {
      bound(argument, owned);
      restoreFloatingPoint();
    }
  };

  /** The plugin's own cancel entry. */
  wake({ cancel, data }: NativeCapability, invocation: number): void {
    // A pool of one thread may be the very one to wake; any thread may call cancel.
    if (cancel === undefined) return;
    if (this.offMain && POOL_SIZE > 1) this.#run('cancel', (done) => cancel.async(data, invocation, done));
    else {
      cancel(data, invocation);
      restoreFloatingPoint();
    }
  }

  /** Hands the answer of a call to the plugin. */
  reply(onReply: Bound<'onReply'>, user: Opaque, { buffer, address }: { readonly buffer: Buffer; readonly address: Address }): void {
    if (!this.offMain) {
      onReply(user, address);
      restoreFloatingPoint();
      void buffer; // read until here
      return;
    }
    this.#run('on_reply', (done) =>
      onReply.async(user, address, () => {
        void buffer; // koffi does not keep it
        done();
      }),
    );
  }

  /** Calls `next` when none is open; at once where none is. */
  whenDone(next: () => void): void {
    if (this.#open === 0) next();
    else this.#waiting.push(next);
  }

  #run(what: string, enter: (done: Done) => void): void {
    this.#open++;
    this.#queue.push(() => enter(this.#begin(what)));
    this.#pump();
  }

  #pump(): void {
    while (this.#running < MAX_CONCURRENT) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#running++;
      next();
    }
  }

  #begin(what: string): Done {
    const { limit } = this;
    const callOff = limit && ownClock.deadline(limit.timeoutMs, () => limit.onLate(what, limit.timeoutMs));
    return () => {
      callOff?.();
      this.#running--;
      this.#open--;
      this.#pump();
      if (this.#open === 0) for (const next of this.#waiting.splice(0)) next();
    };
  }
}
