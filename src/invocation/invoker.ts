import { Buffer } from 'node:buffer';
import type { Backend, InvokeOptions } from './backend.js';
import { refuseReentry } from './call-chain.js';
import type { InvocationError } from '../errors/index.js';
import type { Callee } from './callee.js';
import type { Driver } from './driver.js';
import { cancelled, closed, tooLarge } from './errors.js';
import { hasAddedMembers } from '../options/added-members.js';
import { ownCopy } from '../options/parse-own.js';
import { Invocation } from './invocation.js';
import { OpenInvocations } from './open-invocations.js';

/** Admits, starts and keeps the invocations of one plugin, wherever it runs. Forgets each one when it is over. */
export class Invoker<Target, Run> {
  readonly #open = new OpenInvocations<Run>();
  /** Why the plugin accepts no invocations: a phrase for the error. `undefined` while it does. */
  closedState: string | undefined = 'not active yet';

  readonly #onIdle: (() => void)[] = [];

  constructor(private readonly driver: Driver<Target, Run>) {}

  /** Makes the backend of one capability. */
  backendOf(callee: Callee, target: Target, more: Pick<Backend, 'isInline' | 'invokeSync'> = {}): Backend {
    return {
      ...more,
      invoke: (method, input, options) => {
        try {
          return this.#invoke(callee, target, method, input, options);
        } catch (error) {
          const refusal = error as InvocationError;
          return Promise.reject(refusal);
        }
      },
    };
  }

  #invoke(callee: Callee, target: Target, method: string, input: string, options: InvokeOptions): Promise<string> {
    this.admit(callee, input);
    if (!this.driver.isThreadSafe) refuseReentry(callee, options.parent);
    if (options.signal?.aborted === true) throw cancelled(callee, options.signal, false);
    // Code in the host may have added a member with the name of an option to every object.
    const own = hasAddedMembers() ? ownCopy(options, 1) : options;
    const invocation = new Invocation<Run>(callee, this.driver, own, this.#forget);
    this.#open.add(invocation);
    this.driver.start(invocation, target, method, input);
    return invocation.promise;
  }

  /** Makes an invocation known that runs already. `begin` tells its driver so. */
  adopt(callee: Callee, options: InvokeOptions, begin: (invocation: Invocation<Run>) => void): Promise<string> {
    const invocation = new Invocation<Run>(callee, this.driver, options, this.#forget);
    this.#open.add(invocation);
    begin(invocation);
    return invocation.promise;
  }

  /** The checks that apply to every invocation, asynchronous or not. @throws InvocationError */
  admit(callee: Callee, input: string): void {
    if (this.closedState !== undefined) throw closed(callee, this.closedState);
    const refusal = this.driver.refusal?.(callee);
    if (refusal !== undefined) throw refusal;
    const { maxInputBytes } = this.driver;
    // A UTF-16 unit is at most three bytes of UTF-8, so only a long text needs to be counted.
    const bytes = input.length * 3 <= maxInputBytes ? 0 : Buffer.byteLength(input);
    if (bytes > maxInputBytes) throw tooLarge(callee, 'an input', bytes, maxInputBytes);
  }

  /** The invocation with this id, unless it is over. */
  get(id: number): Invocation<Run> | undefined {
    const invocation = this.#open.get(id);
    return invocation?.isOver === true ? undefined : invocation;
  }

  /** All that are not over, sorted by id. */
  all(): readonly Invocation<Run>[] {
    return this.#open.all().filter(({ isOver }) => !isOver);
  }

  /** Also one that is over but whose caller still receives chunks. */
  getOpen(id: number): Invocation<Run> | undefined {
    return this.#open.get(id);
  }

  /** Resolves when none is open. */
  whenIdle(): Promise<void> {
    return this.#open.isEmpty ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }

  open(): void {
    this.closedState = undefined;
  }

  /** Refuses new invocations and cancels the open ones (rule 10). */
  close(state: string): void {
    this.closedState = state;
    for (const invocation of this.#open.all()) if (!invocation.isAnswered) invocation.cancel(closed(invocation.callee, state));
  }

  readonly #forget = (invocation: Invocation<Run>): void => {
    this.#open.delete(invocation);
    if (this.#onIdle.length > 0 && this.#open.isEmpty) for (const resolve of this.#onIdle.splice(0)) resolve();
  };
}
