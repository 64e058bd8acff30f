import type { Buffer } from 'node:buffer';
import { bind, restoreFloatingPoint, type Address, type Bound, type NativeCall, type Opaque } from '../library/index.js';
import { LinkedQueue } from '../options/linked-queue.js';
import { ownClock } from '../options/process-clock.js';
import type { Releaser } from './answer.js';
import type { NativeCapability } from './native-capability.js';
import { AsyncThread, LIBUV_POOL_SIZE } from './runners/async-thread.js';
import type { PluginQueue } from './runners/plugin-queue.js';

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

export interface ErrandOptions {
  /** No code of the plugin runs on the main thread. */
  readonly offMain: boolean;
  /** The queue of a plugin that wants one thread for all calls. */
  readonly ownThread?: PluginQueue | undefined;
  readonly limit?: ErrandLimit | undefined;
}

/**
 * Short calls into a plugin beside its queue: `release`, `cancel` and a call's `on_reply`. Rule 11 lets them run on the
 * main thread; where the host keeps plugin code off it, they run on libuv's threads and are waited for. A plugin that wants
 * one thread gets them there, except `cancel`, which may have to wake that very thread.
 */
export class Errands {
  readonly #thread = new AsyncThread();
  readonly #releasers = new Map<Address, Bound<'release'>>();
  /** Those that wait for their turn included. */
  #open = 0;
  #running = 0;
  readonly #queue = new LinkedQueue<() => void>();
  #waiting: (() => void)[] = [];

  constructor(private readonly options: ErrandOptions) {}

  /** Whether they, and INLINE capabilities, may not run on the main thread. */
  get offMain(): boolean {
    return this.options.offMain || this.options.ownThread !== undefined;
  }

  /** Gives plugin-owned memory back. */
  readonly release: Releaser = (release, argument, owned) => {
    if (this.offMain) this.#run('release', { prototype: 'release', at: release, args: [argument, owned] });
    else {
      this.#releaserAt(release)(argument, owned);
      restoreFloatingPoint();
    }
  };

  /** The plugin's own cancel entry. */
  wake({ cancel, cancelAt, data }: NativeCapability, invocation: number): void {
    if (cancel === undefined) return;
    // A pool of one thread may be the very one to wake; any thread may call cancel.
    if (this.options.offMain && LIBUV_POOL_SIZE > 1) this.#runAside('cancel', { prototype: 'cancel', at: cancelAt, args: [data, invocation] });
    else {
      cancel(data, invocation);
      restoreFloatingPoint();
    }
  }

  /** Hands the answer of a call to the plugin. */
  reply(onReply: Address, user: Opaque, { buffer, address }: { readonly buffer: Buffer; readonly address: Address }): void {
    if (this.offMain) {
      this.#run('on_reply', { prototype: 'onReply', at: onReply, args: [user, address], keep: buffer });
      return;
    }
    bind('onReply', onReply)(user, address);
    restoreFloatingPoint();
    void buffer; // read until here
  }

  /** Calls `next` when none is open; at once where none is. */
  whenDone(next: () => void): void {
    if (this.#open === 0) next();
    else this.#waiting.push(next);
  }

  /** Calls `next` when the plugin's next call may begin. Its own thread makes one call at a time, whatever is open. */
  beforeNext(next: () => void): void {
    if (this.options.ownThread === undefined) this.whenDone(next);
    else next();
  }

  #releaserAt(at: Address): Bound<'release'> {
    let call = this.#releasers.get(at);
    if (call === undefined) {
      call = bind('release', at);
      if (this.#releasers.size < MAX_RELEASERS) this.#releasers.set(at, call);
    }
    return call;
  }

  #run(what: string, call: NativeCall): void {
    const { ownThread } = this.options;
    if (ownThread === undefined) {
      this.#runAside(what, call);
      return;
    }
    this.#open++;
    let done: Done | undefined;
    ownThread.enqueueFirst({
      prepare: () => {
        done = this.#begin(what);
        return call;
      },
      onReturn(_, left) {
        left();
        done?.();
      },
    });
  }

  #runAside(what: string, call: NativeCall): void {
    this.#open++;
    this.#queue.push(() => {
      this.#running++;
      const done = this.#begin(what);
      this.#thread.run(call, false, () => {
        this.#running--;
        done();
        this.#pump();
      });
    });
    this.#pump();
  }

  #pump(): void {
    while (this.#running < MAX_CONCURRENT) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      next();
    }
  }

  /** Returns what is to be called when it has returned. */
  #begin(what: string): Done {
    const { limit } = this.options;
    const callOff = limit && ownClock.deadline(limit.timeoutMs, () => limit.onLate(what, limit.timeoutMs));
    return () => {
      callOff?.();
      this.#open--;
      if (this.#open === 0) for (const next of this.#waiting.splice(0)) next();
    };
  }
}
