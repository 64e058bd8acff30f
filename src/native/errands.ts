import type { Buffer } from 'node:buffer';
import { bind, restoreFloatingPoint, type Address, type Bound, type NativeCall, type Opaque } from '../library/index.js';
import { LinkedQueue } from '../options/linked-queue.js';
import { ownClock } from '../options/process-clock.js';
import type { Releaser } from './answer.js';
import type { NativeCapability } from './native-capability.js';
import { AsyncThread, LIBUV_POOL_SIZE } from './runners/async-thread.js';
import type { PluginQueue } from './runners/plugin-queue.js';

/** How many release functions stay bound. A plugin can make new ones at run time, without limit. */
const MAX_RELEASERS = 64;
/** The others wait here: koffi throws if some thousands of native calls are running. */
const MAX_CONCURRENT = 64;

type Done = () => void;

/** A deadline for each, in milliseconds, if the host can end a process in which one hangs. */
export interface ErrandLimit {
  readonly timeoutMs: number;
  readonly onLate: (what: string, timeoutMs: number) => void;
}

export interface ErrandOptions {
  /** No code of the plugin runs on the main thread. */
  readonly offMain: boolean;
  /** The queue of a plugin that needs the same thread for all calls. */
  readonly ownThread?: PluginQueue | undefined;
  readonly limit?: ErrandLimit | undefined;
}

/**
 * Short calls into a plugin beside its queue: `release`, `cancel` and a call's `on_reply`. By rule 11 they may run on the
 * main thread. If no plugin code may run there, they run on libuv's threads, and the next call waits for them. If a plugin needs
 * one thread for all calls, they run on it, except `cancel`: it may have to wake that thread.
 */
export class Errands {
  readonly #thread = new AsyncThread();
  readonly #releasers = new Map<Address, Bound<'release'>>();
  /** Including those that have not begun. */
  #open = 0;
  #running = 0;
  readonly #queue = new LinkedQueue<() => void>();
  #areOff = false;
  #waiting: (() => void)[] = [];

  constructor(private readonly options: ErrandOptions) {}

  /** Whether they, and INLINE capabilities, may not run on the main thread. */
  get offMain(): boolean {
    return this.options.offMain || this.options.ownThread !== undefined;
  }

  /** None begins any more: the plugin's code is lost. */
  turnOff(): void {
    this.#areOff = true;
  }

  /** Gives plugin-owned memory back. */
  readonly release: Releaser = (release, argument, owned) => {
    if (this.#areOff) return;
    if (this.offMain) this.#run('release', { prototype: 'release', at: release, args: [argument, owned] });
    else {
      this.#releaserAt(release)(argument, owned);
      restoreFloatingPoint();
    }
  };

  /** Calls the plugin's `cancel`, which can wake a call that waits. */
  wake({ cancel, cancelAt, data }: NativeCapability, invocation: number): void {
    if (cancel === undefined || this.#areOff) return;
    // If libuv has only one thread, the call to wake may be running on it. Any thread may call cancel.
    if (this.options.offMain && LIBUV_POOL_SIZE > 1) this.#runAside('cancel', { prototype: 'cancel', at: cancelAt, args: [data, invocation] });
    else {
      cancel(data, invocation);
      restoreFloatingPoint();
    }
  }

  /** Hands the answer of a call to the plugin. */
  reply(onReply: Address, user: Opaque, { buffer, address }: { readonly buffer: Buffer; readonly address: Address }): void {
    if (this.#areOff) return;
    if (this.offMain) {
      this.#run('on_reply', { prototype: 'onReply', at: onReply, args: [user, address], keep: buffer });
      return;
    }
    bind('onReply', onReply)(user, address);
    restoreFloatingPoint();
    void buffer; // read until here
  }

  /** Calls `next` when none is open: at once, or later. */
  whenDone(next: () => void): void {
    if (this.#open === 0) next();
    else this.#waiting.push(next);
  }

  /** Calls `next` when the plugin's next call may begin. On a thread of its own calls cannot overlap, so nothing is waited for. */
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

  /** Starts the deadline. Returns a function to call when the native call has returned. */
  #begin(what: string): Done {
    const { limit } = this.options;
    const cancelDeadline = limit && ownClock.deadline(limit.timeoutMs, () => limit.onLate(what, limit.timeoutMs));
    return () => {
      cancelDeadline?.();
      this.#open--;
      if (this.#open === 0) for (const next of this.#waiting.splice(0)) next();
    };
  }
}
